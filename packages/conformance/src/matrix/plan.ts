/** Which cells a run has: rows seeders, columns leechers, one table a feature. */
import type { Driver } from '../driver/driver.ts'
import type { Feature, PairFeature, SwarmFeature } from './features.ts'
import { SWARM_SIZE } from './swarm-cell.ts'

export interface PairCell {
  readonly kind: 'pair'
  readonly id: string
  readonly feature: PairFeature
  readonly seeder: Driver
  readonly leecher: Driver
}

export interface SwarmCell {
  readonly kind: 'swarm'
  readonly id: string
  readonly feature: SwarmFeature
  readonly drivers: readonly Driver[]
}

export type Cell = PairCell | SwarmCell

/**
 * `all`: every pair that has a judged client in it. `sample`: in each feature each client still seeds and leeches once, in
 * turn with another of the judged. `quick`: one ring of all clients.
 */
export type Breadth = 'all' | 'sample' | 'quick'

export interface PlanOptions {
  readonly features: readonly Feature[]
  readonly drivers: readonly Driver[]
  /** The clients that are judged; the others are there to be met, and meet each other in one feature only. */
  readonly isJudged: (driver: Driver) => boolean
  readonly breadth: Breadth
}

/** Between two that are not judged, one feature is enough to calibrate the suite itself. */
const CALIBRATION_FEATURE = 'tcp'

export function planCells(options: PlanOptions): Cell[] {
  return options.features.flatMap((feature, at): Cell[] =>
    feature.kind === 'pair' ? pairCells(feature, at, options) : swarmCells(feature, options),
  )
}

function pairCells(feature: PairFeature, turn: number, options: PlanOptions): PairCell[] {
  const { drivers, isJudged, breadth } = options
  const cells: PairCell[] = []
  const hasJudged = drivers.some(isJudged)
  for (const seeder of drivers)
    for (const leecher of drivers) {
      const isOurs = isJudged(seeder) || isJudged(leecher) || !hasJudged
      if (!isOurs && (feature.name !== CALIBRATION_FEATURE || breadth === 'quick')) continue
      if (!isChosen(feature, turn, seeder, leecher, options)) continue
      cells.push({
        kind: 'pair',
        id: `${feature.name}/${seeder.name}/${leecher.name}`,
        feature,
        seeder,
        leecher,
      })
    }
  return cells
}

function isChosen(
  feature: PairFeature,
  turn: number,
  seeder: Driver,
  leecher: Driver,
  { drivers, isJudged, breadth }: PlanOptions,
): boolean {
  if (breadth === 'all') return true
  if (breadth === 'quick')
    return feature.name === CALIBRATION_FEATURE || follows(seeder, leecher, drivers, 1)
  const judged = drivers.filter(isJudged)
  const others = drivers.filter((driver) => !isJudged(driver))
  if (judged.length === 0) return follows(seeder, leecher, drivers, 1)
  if (!isJudged(seeder) && !isJudged(leecher)) return true
  if (isJudged(seeder) && isJudged(leecher))
    return follows(seeder, leecher, judged, turn % judged.length)
  // Of the judged, the one whose turn it is with this other; as a leecher another than as a seeder.
  const isSeeding = isJudged(seeder)
  const [ours, other] = isSeeding ? [seeder, leecher] : [leecher, seeder]
  const place = turn + others.indexOf(other) + (isSeeding ? 0 : 1)
  return judged[place % judged.length] === ours
}

/** Whether one comes so many places after the other in the ring of them all. */
function follows(
  seeder: Driver,
  leecher: Driver,
  ring: readonly Driver[],
  places: number,
): boolean {
  return ring[(ring.indexOf(seeder) + places) % ring.length] === leecher
}

/** One swarm of each judged client alone, then one of all kinds, beginning with each third-party client in turn. */
function swarmCells(feature: SwarmFeature, options: PlanOptions): SwarmCell[] {
  const able = options.drivers.filter((driver) =>
    feature.needs.every((need) => driver.features.has(need)),
  )
  if (able.length === 0) return []
  const judged = able.filter(options.isJudged)
  const others = able.filter((driver) => !options.isJudged(driver))
  const pure = options.breadth === 'all' ? judged.map((driver) => [driver]) : []
  const firsts = others.flatMap((_, at) => (isFirst(at, options.breadth) ? [at] : []))
  const mixed = firsts.map((at) => [...judged, ...others.slice(at), ...others.slice(0, at)])
  const rings = [...pure, ...mixed]
  return (rings.length === 0 ? [able] : rings).map((ring, at) => {
    const drivers = Array.from(
      { length: SWARM_SIZE },
      (_, index) => ring[index % ring.length],
    ).filter((driver): driver is Driver => driver !== undefined)
    return {
      kind: 'swarm',
      id: `${feature.name}/${at + 1}-${[...new Set(drivers.map((driver) => driver.name))].join('+')}`,
      feature,
      drivers,
    }
  })
}

/** With two others in each swarm, every second beginning still has them all. */
function isFirst(at: number, breadth: Breadth): boolean {
  if (breadth === 'quick') return at === 0
  return breadth === 'all' || at % 2 === 0
}
