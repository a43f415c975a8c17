/** The messages of one wire as they are looked at: the newest of them, what was left out, and how it ended. */
import type { WireEvent, WireMessage } from '@pigeon/control/network'

/** More are not kept; the oldest go. */
export const KEPT_MESSAGES = 2_000

export interface WireLine extends WireMessage {
  /** Counts up as long as the page looks at one wire, also over a cut of the line. */
  readonly key: number
  /** How many the node left out just before it. */
  readonly leftOutBefore: number
}

export interface WireLog {
  /** Oldest first. */
  readonly lines: readonly WireLine[]
  /** By the node, to keep within its rate. */
  readonly leftOut: number
  /** By us: older than what is kept. */
  readonly dropped: number
  readonly state: 'waiting' | 'live' | 'ended' | 'cut'
  readonly problem: Extract<WireEvent, { kind: 'ended' }>['problem']
  readonly nextKey: number
  /** The number that follows in this watch where nothing is left out. */
  readonly nextNumber: number
}

export const EMPTY_WIRE: WireLog = {
  lines: [],
  leftOut: 0,
  dropped: 0,
  state: 'waiting',
  problem: null,
  nextKey: 0,
  nextNumber: 0,
}

/** `cut`: the line to pigeon-web broke; what comes after it begins anew with what the node remembers. */
export type WireNews = WireEvent | { readonly kind: 'cut' }

export function addNews(log: WireLog, news: WireNews): WireLog {
  if (news.kind === 'cut') return log.state === 'live' ? { ...log, state: 'cut' } : log
  if (news.kind === 'ended') return { ...log, state: 'ended', problem: news.problem }
  // After a cut the node tells once more what it remembers.
  const before = log.state === 'cut' ? { ...EMPTY_WIRE, nextKey: log.nextKey } : log
  const added = news.messages.map((message, index) => {
    const previous = news.messages[index - 1]
    const next = previous === undefined ? before.nextNumber : previous.number + 1
    const leftOutBefore = Math.max(0, message.number - next)
    return { ...message, key: before.nextKey + index, leftOutBefore }
  })
  const all = [...before.lines, ...added]
  const lines = all.slice(-KEPT_MESSAGES)
  return {
    lines,
    leftOut: before.leftOut + news.leftOut,
    dropped: before.dropped + all.length - lines.length,
    state: before.state === 'ended' ? 'ended' : 'live',
    problem: before.problem,
    nextKey: before.nextKey + added.length,
    nextNumber: (added.at(-1)?.number ?? before.nextNumber - 1) + 1,
  }
}

/** Takes away what was read. */
export function clearLines(log: WireLog): WireLog {
  return { ...log, lines: [], leftOut: 0, dropped: 0 }
}

export interface WireFilter {
  readonly direction: 'all' | WireMessage['direction']
  /** Part of a name; with spaces between, any of several. */
  readonly name: string
}

export function filterLines(
  lines: readonly WireLine[],
  { direction, name }: WireFilter,
): readonly WireLine[] {
  const wanted = name
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((part) => part !== '')
  if (direction === 'all' && wanted.length === 0) return lines
  return lines.filter(
    (line) =>
      (direction === 'all' || line.direction === direction) &&
      (wanted.length === 0 || wanted.some((part) => line.name.toLowerCase().includes(part))),
  )
}
