/** The torrent at a glance. */
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatEta,
  formatLimit,
  formatPercent,
  formatRate,
  formatRatio,
} from '@pigeon/control/units'
import type { TorrentSummary } from '@pigeon/control/contract'
import { STATE_ROLES } from './columns.ts'
import type { DetailTab, Shown } from './detail-view.ts'
import { downsOf, PieceSet, pieceBar, sparkline, upsOf } from './graphs.ts'
import type { Action } from './keymap.ts'
import type { MousePress } from './keys.ts'
import { labelled } from './labelled.ts'
import { type Line, type Role, type Size, span, spanLine } from './lines.ts'
import { Scrolled } from './scrolled.ts'
import { STRINGS } from './strings.ts'

const LABEL_CELLS = 12
const WORDS = STRINGS.overview
const WIDEST_CURVE = 60

export class OverviewTab implements DetailTab {
  readonly #scrolled = new Scrolled()

  lines(shown: Shown, { width, height }: Size): readonly Line[] {
    return this.#scrolled.cut(overview(shown, width), height)
  }

  onAction(action: Action): boolean {
    return this.#scrolled.onAction(action)
  }

  onMouse(mouse: MousePress): void {
    this.#scrolled.onMouse(mouse)
  }

  hints(): readonly Action[] {
    return []
  }
}

function overview({ detail, torrent, rates }: Shown, width: number): readonly Line[] {
  const { pieces } = detail
  const line = (label: string, text: string, role: Role = 'plain'): readonly Line[] =>
    labelled(label, text, LABEL_CELLS, width, role)
  const maybe = (label: string, text: string | null): readonly Line[] =>
    text === null || text === '' ? [] : line(label, text)
  const { problem } = torrent
  const set = new PieceSet(pieces.verified, pieces.count)
  const bar = pieceBar(set, Math.max(10, width - LABEL_CELLS - 3))
  const curveCells = Math.max(8, Math.min(WIDEST_CURVE, width - LABEL_CELLS - 32))
  const rate = (label: string, now: number, values: readonly number[], limit: number | null) =>
    spanLine(
      [
        span(`${label.padEnd(LABEL_CELLS)} `, 'dim'),
        span(formatRate(now).padEnd(12)),
        span(sparkline(values, curveCells, limit ?? 0), 'busy'),
        span(limit === null ? '' : `  ${WORDS.limit(formatLimit(limit))}`, 'dim'),
      ],
      width,
    )
  return [
    ...line(WORDS.state, stateText(torrent), STATE_ROLES[torrent.state]),
    ...(problem === null ? [] : line('', `${problem.message} ${problem.help}`, 'bad')),
    ...line(WORDS.done, `${formatPercent(torrent.progress)}  ${sizesOf(torrent)}`),
    ...(bar === ''
      ? []
      : [
          spanLine(
            [span(`${' '.repeat(LABEL_CELLS)} [`, 'dim'), span(bar, 'good'), span(']', 'dim')],
            width,
          ),
        ]),
    rate(WORDS.down, torrent.downRate, downsOf(rates), torrent.limits.down),
    rate(WORDS.up, torrent.upRate, upsOf(rates), torrent.limits.up),
    ...maybe(WORDS.left, torrent.etaMs === null ? null : formatEta(torrent.etaMs)),
    ...line(
      WORDS.ratio,
      `${formatRatio(torrent.ratio)}  ${WORDS.traffic(formatBytes(torrent.uploadedBytes), formatBytes(torrent.downloadedBytes), formatBytes(detail.wastedBytes))}`,
    ),
    ...line(WORDS.peers, peersText(torrent)),
    ...maybe(WORDS.goals, goalsText(torrent)),
    ...line(WORDS.folder, torrent.folder),
    ...maybe(WORDS.category, torrent.category),
    ...maybe(WORDS.tags, torrent.tags.join(', ')),
    ...maybe(WORDS.hash, torrent.infoHashV1),
    ...maybe(WORDS.hashV2, torrent.infoHashV2),
    ...maybe(
      WORDS.pieces,
      pieces.count === 0 ? null : WORDS.piecesOf(pieces.count, formatBytes(pieces.lengthBytes)),
    ),
    ...maybe(WORDS.private, torrent.isPrivate ? WORDS.privateYes : null),
    ...line(WORDS.added, formatDateTime(torrent.addedAtMs)),
    ...maybe(
      WORDS.finished,
      torrent.finishedAtMs === null ? null : formatDateTime(torrent.finishedAtMs),
    ),
    ...maybe(WORDS.seeded, torrent.seededMs === 0 ? null : formatDuration(torrent.seededMs)),
    ...maybe(WORDS.created, createdText(detail.createdAtMs, detail.createdBy)),
    ...maybe(WORDS.comment, detail.comment),
    ...detail.webSeeds.flatMap((url) => line(WORDS.webSeed, url)),
  ]
}

function stateText(torrent: TorrentSummary): string {
  const { queuePosition, isForced, isSequential } = torrent
  return [
    STRINGS.states[torrent.state],
    ...(queuePosition === null ? [] : [WORDS.place(queuePosition + 1)]),
    ...(isForced ? [WORDS.forced] : []),
    ...(isSequential ? [WORDS.sequential] : []),
  ].join(', ')
}

function sizesOf(torrent: TorrentSummary): string {
  if (!torrent.hasMetadata) return WORDS.noSize
  const wanted = formatBytes(torrent.wantedBytes)
  const all =
    torrent.totalBytes === torrent.wantedBytes
      ? ''
      : WORDS.wantedOf(formatBytes(torrent.totalBytes))
  return `${WORDS.of(formatBytes(torrent.doneBytes), wanted)}${all}`
}

function peersText(torrent: TorrentSummary): string {
  const { peersConnected, seedsConnected, swarmSeeds, swarmLeechers, availability } = torrent
  const own = WORDS.connected(peersConnected, seedsConnected)
  const swarm =
    swarmSeeds === null && swarmLeechers === null
      ? ''
      : WORDS.swarm(swarmSeeds ?? 0, swarmLeechers ?? 0)
  return `${own}${swarm}${availability === null ? '' : WORDS.copies(formatRatio(availability))}`
}

function goalsText({ limits }: TorrentSummary): string {
  const { ratio, seedMs, idleMs } = limits
  return [
    ...(ratio === null ? [] : [WORDS.ratioGoal(String(ratio))]),
    ...(seedMs === null
      ? []
      : [WORDS.seedGoal(seedMs === 'never' ? seedMs : formatDuration(seedMs))]),
    ...(idleMs === null
      ? []
      : [WORDS.idleGoal(idleMs === 'never' ? idleMs : formatDuration(idleMs))]),
  ].join(', ')
}

function createdText(atMs: number | null, by: string | null): string | null {
  if (atMs === null && by === null) return null
  return [...(atMs === null ? [] : [formatDateTime(atMs)]), ...(by === null ? [] : [by])].join(', ')
}
