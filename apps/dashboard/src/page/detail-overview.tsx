/** All that is known of one torrent but its long lists: what is wrong, how fast it goes, and the plain facts. */
import type {
  Problem,
  TorrentDetail,
  TorrentLimits,
  TorrentSummary,
} from '@pigeon/control/contract'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
} from '@pigeon/control/units'
import { type ReactNode, useMemo } from 'react'
import { copyText } from './hand-over.ts'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { PartTitle } from './part-title.tsx'
import type { RateLimit } from './rate-plot.tsx'
import { SpeedOverTime } from './speed-panel.tsx'
import { openDialog, runAndTell } from './store.ts'
import { strings } from './strings.ts'
import { useTorrentRates } from './use-rates.ts'

const PLOT_PX = 110

interface DetailOverviewProps {
  readonly detail: TorrentDetail
  /** As the list has it: newer than the details. */
  readonly torrent: TorrentSummary
}

export function DetailOverview({ detail, torrent }: DetailOverviewProps) {
  const words = strings.detail
  const { groups } = words
  return (
    <div className="overview">
      {torrent.problem !== null && <ProblemCard problem={torrent.problem} id={torrent.id} />}
      <Facts title={groups.transfer} facts={transferFacts(torrent, detail)} />
      <TorrentSpeed torrent={torrent} />
      <Facts title={groups.swarm} facts={swarmFacts(torrent)} />
      <Facts
        title={groups.limits}
        facts={limitFacts(torrent)}
        action={
          <IconButton
            icon="pencil"
            label={strings.actions.limits}
            onClick={() => openDialog({ kind: 'limits', ids: [torrent.id] })}
          />
        }
      />
      <Facts title={groups.content} facts={contentFacts(torrent, detail)} />
      <Facts title={groups.origin} facts={originFacts(torrent, detail)}>
        <CopyFact label={words.infoHashV1} value={torrent.infoHashV1} />
        <CopyFact label={words.infoHashV2} value={torrent.infoHashV2} />
        <CopyFact label={words.magnet} value={detail.magnet} />
      </Facts>
    </div>
  )
}

function ProblemCard({ problem, id }: { problem: Problem; id: string }) {
  return (
    <div className="problem-card" role="alert">
      <Icon name="alert" />
      <p className="problem-text">
        <strong dir="auto">{problem.message}</strong>
        <span dir="auto">{problem.help}</span>
      </p>
      <button
        type="button"
        className="button button-small"
        onClick={() => void runAndTell({ do: 'resume', ids: [id] })}
      >
        {strings.actions.resume}
      </button>
    </div>
  )
}

/** Only for what moves, or moved while it was looked at. */
function TorrentSpeed({ torrent }: { torrent: TorrentSummary }) {
  const history = useTorrentRates(torrent.id)
  const { down, up } = torrent.limits
  const limits = useMemo<readonly RateLimit[]>(
    () => [
      ...(down === null ? [] : [{ kind: 'down' as const, rate: down, isIdle: false }]),
      ...(up === null ? [] : [{ kind: 'up' as const, rate: up, isIdle: false }]),
    ],
    [down, up],
  )
  const isMoving = torrent.state === 'downloading' || torrent.state === 'seeding'
  if (!isMoving && history.count < 2) return null
  return <SpeedOverTime history={history} heightPx={PLOT_PX} limits={limits} />
}

/** Label and value; what is not known is left out, rather than shown as nothing. */
type Fact = readonly [string, string | null]

function transferFacts(torrent: TorrentSummary, detail: TorrentDetail): readonly Fact[] {
  const words = strings.detail
  const isKnown = torrent.wantedBytes > 0
  const isMoving = torrent.downRate > 0 || torrent.upRate > 0
  return [
    [
      words.done,
      isKnown
        ? `${strings.of(formatBytes(torrent.doneBytes), formatBytes(torrent.wantedBytes))} (${formatPercent(torrent.progress)})`
        : words.unknownYet,
    ],
    [
      words.rates,
      isMoving ? words.ratesValue(formatRate(torrent.downRate), formatRate(torrent.upRate)) : null,
    ],
    [words.eta, torrent.state === 'downloading' ? formatEta(torrent.etaMs) : null],
    [words.downloaded, formatBytes(torrent.downloadedBytes)],
    [words.uploaded, formatBytes(torrent.uploadedBytes)],
    [words.ratio, formatRatio(torrent.ratio)],
    [words.wasted, detail.wastedBytes === 0 ? null : formatBytes(detail.wastedBytes)],
    [words.seeded, torrent.seededMs === 0 ? null : formatDuration(torrent.seededMs)],
    [words.active, torrent.activeAtMs === null ? null : formatDateTime(torrent.activeAtMs)],
  ]
}

function swarmFacts(torrent: TorrentSummary): readonly Fact[] {
  const words = strings.detail
  const { availability, queuePosition } = torrent
  const place = queuePosition === null ? null : `${queuePosition + 1}`
  return [
    [words.connected, words.connectedValue(torrent.peersConnected, torrent.seedsConnected)],
    [words.swarm, words.swarmValue(torrent.swarmSeeds, torrent.swarmLeechers)],
    [
      words.availability,
      availability === null ? null : words.availabilityValue(formatRatio(availability)),
    ],
    [words.tracker, torrent.tracker],
    [words.queue, torrent.isForced ? words.forced : place],
    [words.sequential, torrent.isSequential ? words.sequentialYes : null],
  ]
}

function limitFacts({ limits }: TorrentSummary): readonly Fact[] {
  const words = strings.detail
  const rateOf = (rate: number | null): string => (rate === null ? words.noLimit : formatRate(rate))
  return [
    [words.downLimit, rateOf(limits.down)],
    [words.upLimit, rateOf(limits.up)],
    [words.ratioGoal, goalText(limits.ratio, formatRatio)],
    [words.seedGoal, goalText(limits.seedMs, formatDuration)],
    [words.idleGoal, goalText(limits.idleMs, formatDuration)],
    [words.maxPeers, limits.maxPeers === null ? words.byDefault : `${limits.maxPeers}`],
    [words.priority, words.priorities[limits.priority]],
    [words.ignoresSession, limits.ignoresSession ? words.ignoresSessionYes : null],
  ]
}

function goalText(goal: TorrentLimits['ratio'], show: (value: number) => string): string {
  if (goal === null) return strings.detail.byDefault
  return goal === 'never' ? strings.detail.never : show(goal)
}

function contentFacts(torrent: TorrentSummary, { pieces }: TorrentDetail): readonly Fact[] {
  const words = strings.detail
  return [
    [words.folder, torrent.folder],
    [words.size, torrent.totalBytes === 0 ? null : formatBytes(torrent.totalBytes)],
    [
      words.pieces,
      pieces.count === 0
        ? null
        : words.piecesValue(`${pieces.count}`, formatBytes(pieces.lengthBytes)),
    ],
    [words.category, torrent.category ?? words.noCategory],
    [words.tags, torrent.tags.length === 0 ? words.noTags : torrent.tags.join(', ')],
    [words.private, torrent.isPrivate ? words.privateYes : null],
  ]
}

function originFacts(torrent: TorrentSummary, detail: TorrentDetail): readonly Fact[] {
  const words = strings.detail
  const dateOf = (atMs: number | null): string | null =>
    atMs === null ? null : formatDateTime(atMs)
  return [
    [words.added, formatDateTime(torrent.addedAtMs)],
    [words.finished, dateOf(torrent.finishedAtMs)],
    [words.created, dateOf(detail.createdAtMs)],
    [words.createdBy, detail.createdBy],
    [words.comment, detail.comment],
    [words.webSeeds, detail.webSeeds.join(' ')],
  ]
}

interface FactsProps {
  readonly title: string
  readonly facts: readonly Fact[]
  readonly action?: ReactNode
  readonly children?: ReactNode
}

function Facts({ title, facts, action, children }: FactsProps) {
  return (
    <section className="fact-group">
      <header className="fact-group-head">
        <PartTitle text={title} />
        {action}
      </header>
      <dl className="facts">
        {facts.map(([label, value]) =>
          value === null || value === '' ? null : (
            <div key={label} className="fact">
              <dt>{label}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ),
        )}
        {children}
      </dl>
    </section>
  )
}

function CopyFact({ label, value }: { label: string; value: string | null }) {
  if (value === null) return null
  return (
    <div className="fact fact-copy">
      <dt>{label}</dt>
      <dd>
        <code className="long-code">{value}</code>
        <IconButton
          icon="copy"
          label={strings.detail.copyNamed(label)}
          hint={strings.copy}
          onClick={() => void copyText(value)}
        />
      </dd>
    </div>
  )
}
