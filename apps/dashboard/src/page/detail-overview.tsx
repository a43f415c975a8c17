import type { TorrentDetail } from '@pigeon/control/contract'
import {
  formatBytes,
  formatDateTime,
  formatEta,
  formatPercent,
  formatRatio,
} from '@pigeon/control/units'
import { copyText } from './hand-over.ts'
import { IconButton } from './icon-button.tsx'
import { strings } from './strings.ts'

/** The plain facts. What is not known is left out, rather than shown as nothing. */
export function DetailOverview({ detail }: { detail: TorrentDetail }) {
  const { summary } = detail
  const words = strings.detail
  const isKnown = summary.wantedBytes > 0
  const facts: readonly (readonly [string, string | null])[] = [
    [words.size, isKnown ? formatBytes(summary.wantedBytes) : words.unknownYet],
    [
      words.done,
      isKnown ? `${formatBytes(summary.doneBytes)} (${formatPercent(summary.progress)})` : null,
    ],
    [words.eta, summary.state === 'downloading' ? formatEta(summary.etaMs) : null],
    [words.downloaded, formatBytes(summary.downloadedBytes)],
    [words.uploaded, formatBytes(summary.uploadedBytes)],
    [words.ratio, formatRatio(summary.ratio)],
    [words.connected, words.connectedValue(summary.peersConnected, summary.seedsConnected)],
    [words.swarm, words.swarmValue(summary.swarmSeeds, summary.swarmLeechers)],
    [words.added, formatDateTime(summary.addedAtMs)],
    [words.finished, summary.finishedAtMs === null ? null : formatDateTime(summary.finishedAtMs)],
    [words.created, detail.createdAtMs === null ? null : formatDateTime(detail.createdAtMs)],
    [words.createdBy, detail.createdBy],
    [words.private, summary.isPrivate ? words.privateYes : null],
  ]
  return (
    <dl className="facts">
      <div className="fact fact-wide">
        <dt>{words.folder}</dt>
        <dd dir="auto">{summary.folder}</dd>
      </div>
      {facts.map(([label, value]) =>
        value === null || value === '' ? null : (
          <div key={label} className="fact">
            <dt>{label}</dt>
            <dd dir="auto">{value}</dd>
          </div>
        ),
      )}
      {detail.comment !== null && detail.comment !== '' && (
        <div className="fact fact-wide">
          <dt>{words.comment}</dt>
          <dd dir="auto">{detail.comment}</dd>
        </div>
      )}
      <CopyFact label={words.infoHashV1} value={summary.infoHashV1} />
      <CopyFact label={words.infoHashV2} value={summary.infoHashV2} />
      <CopyFact label={words.magnet} value={detail.magnet} />
    </dl>
  )
}

function CopyFact({ label, value }: { label: string; value: string | null }) {
  if (value === null) return null
  return (
    <div className="fact fact-wide fact-copy">
      <dt>{label}</dt>
      <dd>
        <code className="long-code">{value}</code>
        <IconButton
          icon="copy"
          label={`${strings.copy}: ${label}`}
          hint={strings.copy}
          onClick={() => void copyText(value)}
        />
      </dd>
    </div>
  )
}
