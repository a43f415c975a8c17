import { describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { KNOWN_DIR } from '../driver/roster.ts'
import { FEATURES } from './features.ts'
import { expectedOf, parseKnown, readKnown } from './known.ts'
import { planCells } from './plan.ts'

function driver(name: string): Driver {
  const features = new Set([
    'tcp',
    'http-tracker',
    'udp-tracker',
    'ext',
    'magnet',
    'select',
    'resume',
  ])
  return {
    name,
    dir: '',
    exec: '',
    versionCommand: [],
    features,
    limits: { unchokeSeconds: 1, replySeconds: 1 },
  }
}
const drivers = ['ours', 'theirs', 'others'].map(driver)
const isJudged = (item: Driver): boolean => item.name === 'ours'

describe('the plan of a matrix', () => {
  const cells = planCells({ features: FEATURES, drivers, isJudged, breadth: 'all' })

  it('has the judged client with everyone, both ways, in every feature', () => {
    for (const feature of FEATURES.filter((item) => item.kind === 'pair'))
      for (const other of ['ours', 'theirs', 'others'])
        for (const id of [`${feature.name}/ours/${other}`, `${feature.name}/${other}/ours`])
          expect(cells.map((cell) => cell.id)).toContain(id)
  })

  it('has the others among themselves in one feature only, as calibration', () => {
    const ids = cells.map((cell) => cell.id)
    expect(ids).toContain('tcp/theirs/others')
    expect(ids).not.toContain('magnet/theirs/others')
  })

  it('has no cell twice', () => {
    expect(new Set(cells.map((cell) => cell.id)).size).toBe(cells.length)
  })

  it('has five members in every swarm', () => {
    const swarms = cells.filter((cell) => cell.kind === 'swarm')
    expect(swarms.length).toBeGreaterThan(1)
    for (const swarm of swarms) expect(swarm.drivers).toHaveLength(5)
  })

  it('lets a sample have each other client seed and leech in every feature, with all of ours over them', () => {
    const ours = ['one', 'two', 'three']
    const others = ['theirs', 'others', 'more', 'most']
    const sample = planCells({
      features: FEATURES,
      drivers: [...ours, ...others].map(driver),
      isJudged: (item) => ours.includes(item.name),
      breadth: 'sample',
    })
    for (const feature of FEATURES.filter((item) => item.kind === 'pair')) {
      const pairs = sample.flatMap((cell) =>
        cell.kind === 'pair' && cell.feature === feature ? [cell] : [],
      )
      const seeders = new Set(pairs.map(({ seeder }) => seeder.name))
      const leechers = new Set(pairs.map(({ leecher }) => leecher.name))
      expect([...seeders].sort()).toEqual([...ours, ...others].sort())
      expect([...leechers].sort()).toEqual([...ours, ...others].sort())
    }
    const swarms = sample.filter((cell) => cell.kind === 'swarm')
    expect(swarms).toHaveLength(2)
    const met = new Set(swarms.flatMap(({ drivers: all }) => all.map(({ name }) => name)))
    expect(met.size).toBe(7)
  })

  it('lets each client seed and leech in every feature of the quick set too', () => {
    const quick = planCells({ features: FEATURES, drivers, isJudged, breadth: 'quick' })
    expect(quick.length).toBeLessThan(cells.length)
    const magnets = quick.filter((cell) => cell.kind === 'pair' && cell.feature.name === 'magnet')
    expect(magnets.map((cell) => cell.id)).toContain('magnet/ours/theirs')
    expect(magnets.map((cell) => cell.id)).toContain('magnet/others/ours')
  })
})

describe('known deviations', () => {
  it('on file are all well-formed', () => {
    expect(readKnown(KNOWN_DIR).length).toBeGreaterThan(0)
  })

  it('count for the version that they were seen with, and for cells that match', () => {
    const known = parseKnown(
      {
        client: 'x',
        version: '3.00',
        deviations: [{ cell: 'a/*/x', check: 'c', reason: 'because of a long reason' }],
      },
      'x.json',
    )
    expect(expectedOf(known, 'a/y/x', new Map([['x', 'x 3.00 (abc)']]))).toHaveLength(1)
    expect(expectedOf(known, 'a/y/x', new Map([['x', 'x 4.0']]))).toHaveLength(0)
    expect(expectedOf(known, 'a/x/y', new Map([['x', 'x 3.00']]))).toHaveLength(0)
  })

  it('without a reason in words are refused', () => {
    const bad = {
      client: 'x',
      version: '1',
      deviations: [{ cell: 'a', check: 'c', reason: 'flaky' }],
    }
    expect(() => parseKnown(bad, 'x.json')).toThrow(/reason/)
  })
})
