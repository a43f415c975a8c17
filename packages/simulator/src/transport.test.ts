import type { EncryptionPolicy, EngineSettings } from '@pigeon/engine/settings'
import { describe, expect, it, vi } from 'vitest'
import { seedingPair, type Pair } from './scenario/pair.ts'

const MINUTE = 60_000
const POLICIES: readonly EncryptionPolicy[] = ['off', 'prefer', 'require']

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

async function meet(
  settings: Partial<EngineSettings>,
  leecherSettings: Partial<EngineSettings> = settings,
): Promise<Pair> {
  const made = await seedingPair({ settings, leecherSettings })
  await made.leecher.add(made.torrent, { peers: [made.seeder.peer] })
  return made
}

const firstPeer = (pair: Pair) => {
  const detail = pair.leecher.session.detail(pair.torrent.layout.id)
  return detail?.peers[0] ?? null
}

describe('encryption', () => {
  const CASES = POLICIES.flatMap((ours) => POLICIES.map((theirs) => [ours, theirs] as const))

  it.each(CASES)('of a dialler that says %s and a listener that says %s', async (ours, theirs) => {
    const made = await meet({ encryption: theirs }, { encryption: ours })
    const mayMeet =
      !(ours === 'off' && theirs === 'require') && !(ours === 'require' && theirs === 'off')
    let seen: { isEncrypted: boolean } | null = null
    const isDone = await made.world.runUntil(() => {
      seen ??= firstPeer(made)
      return made.leecher.isDone
    }, MINUTE)
    expect(isDone).toBe(mayMeet)
    if (mayMeet) expect(seen).toMatchObject({ isEncrypted: ours !== 'off' && theirs !== 'off' })
  })
})

describe('uTP', () => {
  it('carries a torrent where nobody speaks TCP', async () => {
    const made = await meet({ isUtpOn: true, isTcpOn: false })
    let seen: { transport: string } | null = null
    const isDone = await made.world.runUntil(() => {
      seen ??= firstPeer(made)
      return made.leecher.isDone
    }, 5 * MINUTE)
    expect(isDone).toBe(true)
    expect(seen).toMatchObject({ transport: 'utp' })
  })

  it('goes encrypted where that is required', async () => {
    const made = await meet({ isUtpOn: true, isTcpOn: false, encryption: 'require' })
    let seen: object | null = null
    const isDone = await made.world.runUntil(() => {
      seen ??= firstPeer(made)
      return made.leecher.isDone
    }, 5 * MINUTE)
    expect(isDone).toBe(true)
    expect(seen).toMatchObject({ transport: 'utp', isEncrypted: true })
  })

  it('wins where TCP is refused', async () => {
    const made = await meet({ isUtpOn: true, isTcpOn: false }, { isUtpOn: true })
    expect(await made.world.runUntil(() => made.leecher.isDone, 5 * MINUTE)).toBe(true)
  })
})
