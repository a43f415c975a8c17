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

export interface PlanOptions {
  readonly features: readonly Feature[]
  readonly drivers: readonly Driver[]
  /** The clients that are judged; the others are there to be met, and meet each other in one feature only. */
  readonly isJudged: (driver: Driver) => boolean
  readonly isQuick: boolean
}

/** Between two that are not judged, one feature is enough to calibrate the suite itself. */
const CALIBRATION_FEATURE = 'tcp'

export function planCells(options: PlanOptions): Cell[] {
  return options.features.flatMap((feature): Cell[] =>
    feature.kind === 'pair' ? pairCells(feature, options) : swarmCells(feature, options),
  )
}

function pairCells(feature: PairFeature, options: PlanOptions): PairCell[] {
  const { drivers, isJudged } = options
  const cells: PairCell[] = []
  const hasJudged = drivers.some(isJudged)
  for (const seeder of drivers)
    for (const leecher of drivers) {
      const isOurs = isJudged(seeder) || isJudged(leecher) || !hasJudged
      if (!isOurs && (feature.name !== CALIBRATION_FEATURE || options.isQuick)) continue
      if (options.isQuick && !isQuickPair(feature, seeder, leecher, drivers)) continue
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

/** All pairs of `tcp`; of the other features one ring, so that each client still seeds and leeches once. */
function isQuickPair(
  feature: PairFeature,
  seeder: Driver,
  leecher: Driver,
  drivers: readonly Driver[],
): boolean {
  if (feature.name === CALIBRATION_FEATURE) return true
  return drivers[(drivers.indexOf(seeder) + 1) % drivers.length] === leecher
}

/** One swarm of each judged client alone, then one of all kinds, beginning with each third-party client in turn. */
function swarmCells(feature: SwarmFeature, options: PlanOptions): SwarmCell[] {
  const able = options.drivers.filter((driver) =>
    feature.needs.every((need) => driver.features.has(need)),
  )
  if (able.length === 0) return []
  const judged = able.filter(options.isJudged)
  const others = able.filter((driver) => !options.isJudged(driver))
  const pure = options.isQuick ? [] : judged.map((driver) => [driver])
  const mixed = (options.isQuick ? others.slice(0, 1) : others).map((_, at) => [
    ...judged,
    ...others.slice(at),
    ...others.slice(0, at),
  ])
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
