/**
 * Makes a session's raw answers fit to show: the one way by which texts of torrents, peers and trackers reach a client.
 */
import { toDisplay } from '@pigeon/protocol/display'
import type {
  Category,
  CommandResult,
  FileDetail,
  FolderListing,
  LogLine,
  PeerDetail,
  Problem,
  SessionSummary,
  TorrentDetail,
  TorrentPreview,
  TorrentSummary,
  TrackerDetail,
} from './contract.ts'
import type { RawSessionSummary, RawTorrentDetail, RawWireEvent } from './controlled-session.ts'
import type {
  BlocklistStatus,
  DhtAnswer,
  NetworkStatus,
  PortMappingStatus,
  TrackerServerStatus,
  WireEvent,
} from './network.ts'

/** Long enough for every path that a layout gives, below any folder. */
const PATH_CHARACTERS = 4096 + 1024
/** Of our own making and percent-encoded, but with up to 100 trackers in it. */
const MAGNET_CHARACTERS = 256 * 1024

export function showProblem(problem: Problem | null): Problem | null {
  return problem === null ? null : showRefusal(problem)
}

/** As `showProblem`, of one that is there for certain. */
export function showRefusal(problem: Problem): Problem {
  return {
    code: toDisplay(problem.code),
    message: toDisplay(problem.message),
    help: toDisplay(problem.help),
  }
}

export function showSummary(raw: TorrentSummary): TorrentSummary {
  return {
    ...raw,
    name: toDisplay(raw.name),
    folder: toDisplay(raw.folder, PATH_CHARACTERS),
    problem: showProblem(raw.problem),
    category: raw.category === null ? null : toDisplay(raw.category),
    tags: raw.tags.map((tag) => toDisplay(tag)),
    tracker: raw.tracker === null ? null : toDisplay(raw.tracker),
  }
}

/** What the session does not know itself. */
type Surroundings = Pick<SessionSummary, 'node' | 'jobs' | 'isTrackerOn'>

export function showSession(
  { node, jobs, isTrackerOn }: Surroundings,
  raw: RawSessionSummary,
): SessionSummary {
  return {
    ...raw,
    isTrackerOn,
    node: toDisplay(node),
    peerId: toDisplay(raw.peerId),
    listening: raw.listening === null ? null : toDisplay(raw.listening),
    problem: showProblem(raw.problem),
    defaultFolder: toDisplay(raw.defaultFolder, PATH_CHARACTERS),
    categories: raw.categories.map(showCategory),
    jobs: jobs.map((job) => ({ ...job, path: toDisplay(job.path, PATH_CHARACTERS) })),
  }
}

export function showDetail(raw: RawTorrentDetail): TorrentDetail {
  const verified = toBase64(raw.pieces.verified)
  const availability = toBase64(raw.pieces.availability)
  return showShownDetail({ ...raw, pieces: { ...raw.pieces, verified, availability } })
}

/** A detail that another node has made fit to show already, made so again: it might not have. */
export function showShownDetail(raw: TorrentDetail): TorrentDetail {
  return {
    ...raw,
    summary: showSummary(raw.summary),
    files: raw.files.map(showFile),
    peers: raw.peers.map(showPeer),
    trackers: raw.trackers.map(showTracker),
    log: raw.log.map(showLogLine),
    comment: raw.comment === null ? null : toDisplay(raw.comment),
    createdBy: raw.createdBy === null ? null : toDisplay(raw.createdBy),
    magnet: toDisplay(raw.magnet, MAGNET_CHARACTERS),
    webSeeds: raw.webSeeds.map((url) => toDisplay(url)),
  }
}

export function showPreview(raw: TorrentPreview): TorrentPreview {
  return {
    ...raw,
    name: toDisplay(raw.name),
    files: raw.files.map((file) => ({ ...file, path: toDisplay(file.path, PATH_CHARACTERS) })),
    comment: raw.comment === null ? null : toDisplay(raw.comment),
    trackers: raw.trackers.map((url) => toDisplay(url)),
  }
}

export function showListing(raw: FolderListing): FolderListing {
  return {
    ...raw,
    entries: raw.entries.map((entry) => ({ ...entry, name: toDisplay(entry.name) })),
  }
}

function showCategory(raw: Category): Category {
  return {
    ...raw,
    name: toDisplay(raw.name),
    folder: raw.folder === null ? null : toDisplay(raw.folder, PATH_CHARACTERS),
  }
}

export function showResult(raw: CommandResult): CommandResult {
  return raw.ok ? raw : { ...raw, problem: showRefusal(raw.problem) }
}

function showFile(raw: FileDetail): FileDetail {
  return { ...raw, path: toDisplay(raw.path, PATH_CHARACTERS) }
}

function showPeer(raw: PeerDetail): PeerDetail {
  return { ...raw, address: toDisplay(raw.address), client: toDisplay(raw.client) }
}

function showTracker(raw: TrackerDetail): TrackerDetail {
  return { ...raw, url: toDisplay(raw.url), message: toDisplay(raw.message) }
}

function showLogLine(raw: LogLine): LogLine {
  return { ...raw, text: toDisplay(raw.text) }
}

/** Without `Buffer`: this module also runs in the page. */
function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES))
  }
  return btoa(binary)
}

/** Arguments of one call are limited. */
const CHUNK_BYTES = 8192

export function showNetwork(raw: NetworkStatus): NetworkStatus {
  return {
    ...raw,
    listening: raw.listening.map((address) => toDisplay(address)),
    external: raw.external.map((one) => ({ ...one, address: toDisplay(one.address) })),
    portMapping: showPortMapping(raw.portMapping),
    dht: raw.dht.map((status) => ({ ...status, nodeId: toDisplay(status.nodeId) })),
    webRtc: { ...raw.webRtc, help: toDisplay(raw.webRtc.help) },
    proxy: raw.proxy === null ? null : showProxy(raw.proxy),
    blocklist: raw.blocklist === null ? null : showBlocklist(raw.blocklist),
    tracker: raw.tracker === null ? null : showTrackerServer(raw.tracker),
    trackers: raw.trackers.map((host) => ({
      ...host,
      host: toDisplay(host.host),
      message: toDisplay(host.message),
    })),
  }
}

function showPortMapping(raw: PortMappingStatus): PortMappingStatus {
  const external = raw.external === null ? null : toDisplay(raw.external)
  return { ...raw, external, problem: showProblem(raw.problem) }
}

type Proxy = Exclude<NetworkStatus['proxy'], null>

function showProxy({ address, problem }: Proxy): Proxy {
  return { address: toDisplay(address), problem: showProblem(problem) }
}

function showBlocklist(raw: BlocklistStatus): BlocklistStatus {
  const source = toDisplay(raw.source, PATH_CHARACTERS)
  return { ...raw, source, problem: showProblem(raw.problem) }
}

function showTrackerServer(raw: TrackerServerStatus): TrackerServerStatus {
  return {
    ...raw,
    listening: toDisplay(raw.listening),
    urls: raw.urls.map((url) => toDisplay(url)),
    problem: showProblem(raw.problem),
  }
}

/** Values stay as they are: they are data, and in base64. */
export function showDhtAnswer(raw: DhtAnswer): DhtAnswer {
  switch (raw.kind) {
    case 'pong': {
      const client = raw.client === null ? null : toDisplay(raw.client)
      return { ...raw, nodeId: toDisplay(raw.nodeId), client }
    }
    case 'peers':
      return { ...raw, peers: raw.peers.map((peer) => toDisplay(peer)) }
    case 'stored':
      return { ...raw, target: toDisplay(raw.target) }
    case 'mutable': {
      const { seq, signature } = raw
      return {
        ...raw,
        seq: seq === null ? null : toDisplay(seq),
        signature: signature === null ? null : toDisplay(signature),
      }
    }
    default:
      return raw
  }
}

/** Of a session, whose watches end without a word, or of another node. */
export function showWireEvent(raw: RawWireEvent | WireEvent): WireEvent {
  if (raw.kind === 'ended') {
    return { kind: 'ended', problem: 'problem' in raw ? showProblem(raw.problem) : null }
  }
  const messages = raw.messages.map((message) => ({
    ...message,
    name: toDisplay(message.name),
    fields: message.fields.map(([name, value]) => [toDisplay(name), toDisplay(value)] as const),
  }))
  return { ...raw, messages }
}
