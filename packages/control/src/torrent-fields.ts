/**
 * What a torrent can be filtered and sorted by: one table for the terminal, the page, the command line and the API.
 * Pure, and free of any runtime.
 */
import type { TorrentState, TorrentSummary } from './contract.ts'

/** What values look like: `size` is bytes, `rate` bytes a second, `age` how long ago. */
export type AmountKind = 'size' | 'rate' | 'number' | 'percent' | 'duration' | 'age'

interface FieldName {
  readonly name: string
  readonly description: string
}

export interface AmountField extends FieldName {
  readonly kind: AmountKind
  /** Bytes, milliseconds, shares of 1; of `age` the wall time. `null` where it is not known. */
  readonly amount: (torrent: TorrentSummary) => number | null
}

export interface TextField extends FieldName {
  readonly kind: 'text'
  readonly text: (torrent: TorrentSummary) => string
}

export interface LabelField extends FieldName {
  readonly kind: 'label'
  /** None of them where the torrent has none. */
  readonly labels: (torrent: TorrentSummary) => readonly string[]
  /** All that there are, where they are few. */
  readonly known?: readonly string[]
}

export interface FlagField extends FieldName {
  readonly kind: 'flag'
  readonly is: (torrent: TorrentSummary) => boolean
}

export type TorrentField = AmountField | TextField | LabelField | FlagField

/** In the order in which a list is sorted by state. */
export const STATES: readonly TorrentState[] = [
  'error',
  'downloading',
  'metadata',
  'checking',
  'moving',
  'queued',
  'seeding',
  'paused',
]

const texts: readonly TextField[] = [
  { name: 'name', kind: 'text', description: 'Its name', text: (of) => of.name },
  {
    name: 'hash',
    kind: 'text',
    description: 'Its info-hashes, in hex',
    text: (of) => `${of.infoHashV1 ?? ''} ${of.infoHashV2 ?? ''}`,
  },
  { name: 'folder', kind: 'text', description: 'Where it is stored', text: (of) => of.folder },
  {
    name: 'problem',
    kind: 'text',
    description: 'What went wrong with it',
    text: (of) => of.problem?.message ?? '',
  },
]

const labels: readonly LabelField[] = [
  {
    name: 'state',
    kind: 'label',
    description: 'What it does now',
    labels: (of) => [of.state],
    known: STATES,
  },
  {
    name: 'category',
    kind: 'label',
    description: 'Its category; category:"" for none',
    labels: (of) => (of.category === null ? [] : [of.category]),
  },
  {
    name: 'tag',
    kind: 'label',
    description: 'One of its tags; tag:"" for none',
    labels: (of) => of.tags,
  },
  {
    name: 'tracker',
    kind: 'label',
    description: 'Host of its tracker, or a domain above it',
    labels: (of) => domainsOf(of.tracker),
  },
  {
    name: 'priority',
    kind: 'label',
    description: 'Who gets bandwidth first',
    labels: (of) => [of.limits.priority],
    known: ['low', 'normal', 'high'],
  },
]

const amounts: readonly AmountField[] = [
  row('size', 'size', 'Of the wanted files', (of) => of.wantedBytes),
  row('total', 'size', 'Of all files', (of) => of.totalBytes),
  row('done', 'size', 'Of what is here', (of) => of.doneBytes),
  row('left', 'size', 'Of what is wanted and not here', (of) => of.wantedBytes - of.doneBytes),
  row('downloaded', 'size', 'Downloaded so far', (of) => of.downloadedBytes),
  row('uploaded', 'size', 'Uploaded so far', (of) => of.uploadedBytes),
  row('progress', 'percent', 'How much of it is done, in per cent', (of) => of.progress),
  row('down', 'rate', 'Download rate', (of) => of.downRate),
  row('up', 'rate', 'Upload rate', (of) => of.upRate),
  row('down-limit', 'rate', 'Its own download limit', (of) => of.limits.down),
  row('up-limit', 'rate', 'Its own upload limit', (of) => of.limits.up),
  row('ratio', 'number', 'Uploaded over downloaded', (of) => of.ratio),
  row('availability', 'number', 'Copies of its rarest piece', (of) => of.availability),
  row('peers', 'number', 'Connected peers', (of) => of.peersConnected),
  row('seeds', 'number', 'Connected peers that have all', (of) => of.seedsConnected),
  row('swarm-seeds', 'number', 'Seeds that the tracker knows', (of) => of.swarmSeeds),
  row('swarm-peers', 'number', 'Other peers that the tracker knows', (of) => of.swarmLeechers),
  row('queue', 'number', 'Its place in the queue, from 1', (of) =>
    of.queuePosition === null ? null : of.queuePosition + 1,
  ),
  row('eta', 'duration', 'Time left', (of) => of.etaMs),
  row('seeded', 'duration', 'For how long it was seeded', (of) => of.seededMs),
  row('added', 'age', 'How long ago it was added', (of) => of.addedAtMs),
  row('finished', 'age', 'How long ago it was complete', (of) => of.finishedAtMs),
  row('activity', 'age', 'How long ago a byte came or went', (of) => of.activeAtMs),
]

const STATE_WORDS: { readonly [S in TorrentState]: string } = {
  error: 'Stopped by a problem',
  downloading: 'It downloads',
  metadata: 'A magnet that waits for its metadata',
  checking: 'What is on disk is being checked',
  moving: 'It is being moved to another folder',
  queued: 'It waits for its turn',
  seeding: 'It seeds',
  paused: 'It is paused',
}

const flags: readonly FlagField[] = [
  ...STATES.map((state) => flag(state, STATE_WORDS[state], (of) => of.state === state)),
  flag('active', 'Bytes come or go', isActive),
  flag('stalled', 'It runs, but no bytes come or go', (of) => isRunning(of) && !isActive(of)),
  flag('complete', 'All that is wanted is here', isComplete),
  flag('private', 'Its peers come from its trackers alone', (of) => of.isPrivate),
  flag('sequential', 'Fetched in order', (of) => of.isSequential),
  flag('forced', 'Runs past the queue', (of) => of.isForced),
]

/** Names are unique. */
export const TORRENT_FIELDS: readonly TorrentField[] = [...texts, ...labels, ...amounts, ...flags]

function row(
  name: string,
  kind: AmountKind,
  description: string,
  amount: AmountField['amount'],
): AmountField {
  return { name, kind, description, amount }
}

function flag(name: string, description: string, is: FlagField['is']): FlagField {
  return { name, kind: 'flag', description, is }
}

function isActive(torrent: TorrentSummary): boolean {
  return torrent.downRate > 0 || torrent.upRate > 0
}

function isRunning({ state }: TorrentSummary): boolean {
  return state === 'downloading' || state === 'seeding' || state === 'metadata'
}

/** Not by `progress`, which is that of the check while there is one. */
function isComplete(torrent: TorrentSummary): boolean {
  return torrent.hasMetadata && torrent.doneBytes >= torrent.wantedBytes
}

/** `a.b.example` is also found by `b.example`. */
function domainsOf(host: string | null): readonly string[] {
  if (host === null) return []
  const domains = [host]
  for (let at = host.indexOf('.'); at !== -1; at = host.indexOf('.', at + 1)) {
    domains.push(host.slice(at + 1))
  }
  return domains
}
