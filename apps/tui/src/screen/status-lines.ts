/** The line above and the lines below the views: sums, what needs the user's eye, and the keys. */
import type { Problem, TorrentSummary } from '@pigeon/control/contract'
import { formatBytes, formatPercent, formatRate } from '@pigeon/control/units'
import { cellsOf, fitToCells, wrapToCells } from './cells.ts'
import { downsOf, sparkline, upsOf } from './graphs.ts'
import type { Action, Keymap } from './keymap.ts'
import { fitParts, type Line, type Role, span, type Span, spanLine, textLine } from './lines.ts'
import type { NodeStore } from './node-store.ts'
import { STRINGS } from './strings.ts'

/** A text for the user; an error is shown so that it is seen. */
export interface Notice {
  readonly text: string
  readonly isError: boolean
}

export const HEADER_ROWS = 1
const MESSAGE_ROWS = 2
const CURVE_CELLS = 16
/** Room for the curves beside the sums. */
const CURVES_FROM = 118

export function headerLine(store: NodeStore, selected: number, width: number): Line {
  const { session } = store
  const left = ` ${session === null ? 'pigeon' : session.node}  `
  const parts = sums(store, selected, width)
  const right = fitParts(parts, width - cellsOf(left) - 1)
  const gap = Math.max(0, width - cellsOf(right) - 1)
  const isOff = store.offline !== null
  const text = fitToCells(`${fitToCells(left, gap)}${right} `, width)
  return { spans: [span(text, isOff ? 'bad' : 'banner')] }
}

/** What matters most first. */
function sums(store: NodeStore, selected: number, width: number): readonly string[] {
  const { session, torrents, offline, rates } = store
  if (session === null) return [offline === null ? STRINGS.connecting : STRINGS.offline]
  const { alternative } = session
  const downLimit = alternative.isOn ? alternative.down : session.downLimit
  const upLimit = alternative.isOn ? alternative.up : session.upLimit
  const hasCurves = width >= CURVES_FROM
  const down = hasCurves ? ` ${sparkline(downsOf(rates), CURVE_CELLS, downLimit ?? 0)}` : ''
  const up = hasCurves ? ` ${sparkline(upsOf(rates), CURVE_CELLS, upLimit ?? 0)}` : ''
  const free =
    session.freeBytes === null ? [] : [`${STRINGS.free} ${formatBytes(session.freeBytes)}`]
  return [
    ...(offline === null ? [] : [STRINGS.offline.toUpperCase()]),
    ...(selected === 0 ? [] : [STRINGS.selected(selected)]),
    `↓${down} ${rateText(session.downRate, downLimit)}`,
    `↑${up} ${rateText(session.upRate, upLimit)}`,
    ...(alternative.isOn ? [STRINGS.altLimits] : []),
    STRINGS.torrents(torrents.size),
    ...free,
  ]
}

function rateText(rate: number, limit: number | null): string {
  return limit === null ? formatRate(rate) : `${formatRate(rate)} / ${formatBytes(limit)}`
}

/** The message's lines: as many as it needs, at most two, at least one. */
export function messageLines(notice: Notice, width: number): readonly Line[] {
  const role: Role = notice.isError ? 'bad' : 'plain'
  return wrapToCells(notice.text, width, MESSAGE_ROWS).map((line) => textLine(line, width, role))
}

/** How to get help and out stays; of the others, those that fit. */
export function hintLine(
  keymap: Keymap,
  hints: readonly Action[],
  isTop: boolean,
  width: number,
): Line {
  const [out] = keymap.keysOf('back')
  const always = [
    keymap.hint('help'),
    out === undefined ? '' : `${out} ${isTop ? STRINGS.hints.back : STRINGS.backHint}`,
  ].filter((hint) => hint !== '')
  let room = width - cellsOf(always.join('  '))
  const shown: string[] = []
  for (const hint of hints.map((action) => keymap.hint(action)).filter((each) => each !== '')) {
    room -= cellsOf(hint) + 2
    if (room < 0) break
    shown.push(hint)
  }
  return spanLine(
    [...shown, ...always].flatMap((hint, index) => hintSpans(hint, index > 0)),
    width,
  )
}

function hintSpans(hint: string, isFurther: boolean): readonly Span[] {
  const space = hint.indexOf(' ')
  return [
    span(`${isFurther ? '  ' : ''}${hint.slice(0, space)}`, 'key'),
    span(hint.slice(space), 'dim'),
  ]
}

export function problemNotice(problem: Problem): Notice {
  return { text: `${problem.message} ${problem.help}`.trim(), isError: true }
}

/** What needs the user's eye most: the line, then the last answer, then the torrent's problem, then work under way. */
export function messageOf(
  store: NodeStore,
  notice: Notice | null,
  torrent: TorrentSummary | undefined,
): Notice {
  const { session, offline } = store
  if (offline !== null) return problemNotice(offline)
  if (notice !== null) return notice
  if (torrent !== undefined && torrent.problem !== null) return problemNotice(torrent.problem)
  if (session === null) return { text: '', isError: false }
  if (session.problem !== null) return problemNotice(session.problem)
  const [job, ...others] = session.jobs
  if (job !== undefined) {
    const share =
      job.totalBytes === null
        ? formatBytes(job.doneBytes)
        : `${formatPercent(job.totalBytes === 0 ? 1 : job.doneBytes / job.totalBytes)} of ${formatBytes(job.totalBytes)}`
    const more = others.length === 0 ? '' : STRINGS.moreJobs(others.length)
    return { text: `${STRINGS.hashing(job.path, share)}${more}`, isError: false }
  }
  const { listening } = session
  return {
    text: listening === null ? STRINGS.notListening : STRINGS.listening(listening),
    isError: false,
  }
}
