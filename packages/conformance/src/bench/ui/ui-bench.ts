/** What it costs to show a list: until it is there, while nothing happens, and while a thousand rows change a second. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pause } from '../../driver/client-process.ts'
import { makeTorrents, type SmallTorrent } from './many-torrents.ts'
import type { Running, Subject } from './subject.ts'

export interface UiRun {
  readonly subject: string
  readonly torrents: number
  readonly firstScreenMs: number
  /** Of all its processes, after the first screen. */
  readonly rssBytes: number
  readonly idle: Activity
  /** `null` where it cannot be told to change, or has too few torrents. */
  readonly busy: Activity | null
}

export interface Activity {
  /** Seconds of processor time in a minute. */
  readonly cpuPerMinute: number
  /** What the watcher received; `null` where there is no such line. */
  readonly bytesPerSecond: number | null
}

export interface UiSetting {
  readonly root: string
  /** How long each state is watched. */
  readonly windowMs: number
}

const SETTLE_MS = 3_000
const CHANGES_PER_ROUND = 500
const ROUND_MS = 500

export async function benchUi(
  subject: Subject,
  torrents: readonly SmallTorrent[],
  setting: UiSetting,
): Promise<UiRun> {
  const dir = mkdtempSync(join(setting.root, `${subject.name.replaceAll(' ', '')}-`))
  try {
    const running = await subject.start(dir, torrents)
    try {
      return await watch(subject, running, torrents, setting)
    } finally {
      await running.stop()
    }
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function watch(
  subject: Subject,
  running: Running,
  torrents: readonly SmallTorrent[],
  { windowMs }: UiSetting,
): Promise<UiRun> {
  await pause(SETTLE_MS)
  const { rssBytes } = running.usage()
  const idle = await during(running, () => pause(windowMs))
  const canChange = running.change !== null && torrents.length >= CHANGES_PER_ROUND
  const busy = canChange
    ? await during(running, () => changeFor(running, torrents, windowMs))
    : null
  const { firstScreenMs } = running
  return { subject: subject.name, torrents: torrents.length, firstScreenMs, rssBytes, idle, busy }
}

async function during(running: Running, work: () => Promise<void>): Promise<Activity> {
  const before = running.usage()
  const bytesBefore = running.receivedBytes()
  const startMs = performance.now()
  await work()
  const seconds = (performance.now() - startMs) / 1000
  const after = running.usage()
  const bytesAfter = running.receivedBytes()
  return {
    cpuPerMinute: ((after.cpuSeconds - before.cpuSeconds) / seconds) * 60,
    bytesPerSecond:
      bytesBefore === null || bytesAfter === null ? null : (bytesAfter - bytesBefore) / seconds,
  }
}

/** A thousand a second, in rounds; a round that is late is not made up for. */
async function changeFor(
  running: Running,
  torrents: readonly SmallTorrent[],
  windowMs: number,
): Promise<void> {
  const ids = torrents.slice(0, CHANGES_PER_ROUND).map(({ infoHash }) => infoHash)
  const endMs = performance.now() + windowMs
  for (let round = 0; performance.now() < endMs; round += 1) {
    const nextMs = performance.now() + ROUND_MS
    await running.change?.(ids, round)
    await pause(Math.max(0, nextMs - performance.now()))
  }
}

export function torrentLists(
  counts: readonly number[],
): ReadonlyMap<number, readonly SmallTorrent[]> {
  return new Map(counts.map((count) => [count, makeTorrents(count)]))
}
