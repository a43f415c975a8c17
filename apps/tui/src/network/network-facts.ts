/** What a node says of its network, as sentences behind labels: for the screen and the shell alike. */
import type { Problem, SessionSummary } from '@pigeon/control/contract'
import type { DhtStatus, NetworkStatus, TrackerHost } from '@pigeon/control/network'
import { formatBytes, formatDuration } from '@pigeon/control/units'
import { countsText, SOURCE_WORDS, TRANSPORT_WORDS } from './peer-words.ts'
import { isConfigured, isHeldOff, type SwitchKey, SWITCHES } from './switches.ts'

export interface NetworkFact {
  readonly label: string
  readonly text: string
  readonly tone: 'plain' | 'good' | 'dim' | 'warn' | 'bad'
  /** It can be switched. */
  readonly switch?: SwitchKey
  /** Worth having in a clipboard. */
  readonly copy?: string
}

export interface NetworkSection {
  readonly title: string
  readonly facts: readonly NetworkFact[]
}

/** Hosts of trackers that are told; those that fail come first. */
export const SHOWN_TRACKERS = 100

type Tone = NetworkFact['tone']

export function networkSections(
  status: NetworkStatus,
  session: SessionSummary,
  nowMs: number,
): readonly NetworkSection[] {
  const of = (key: SwitchKey, text: string, tone: Tone = 'plain'): NetworkFact =>
    switchFact(key, text, tone, session)
  return [
    { title: 'Reached at', facts: [...reachedFacts(status, nowMs), mappingFact(status, of)] },
    {
      title: 'Finds peers by',
      facts: [
        of('isDhtOn', status.dht.length === 0 ? 'not running yet' : dhtText(status.dht)),
        ...status.dht.flatMap(dhtFacts),
        of('isPexOn', 'peers name others'),
        of('isLsdOn', lsdText(status, nowMs)),
        ...trackerFacts(status.trackers),
      ],
    },
    {
      title: 'Connects by',
      facts: [
        of('isUtpOn', connectionsText(status.utp.connections)),
        of('isWebRtcOn', webRtcText(status), status.webRtc.state === 'missing' ? 'warn' : 'plain'),
        of('encryption', ENCRYPTION[status.encryption]),
        of('isAnonymous', 'nothing tells others which client this is'),
        proxyFact(status),
        blocklistFact(status, nowMs),
      ],
    },
    { title: 'Tracker for others', facts: ownTrackerFacts(status, of) },
    { title: 'Peers', facts: peerFacts(status) },
  ]
}

type MakeSwitch = (key: SwitchKey, text: string, tone?: Tone) => NetworkFact

/** `text` is for what is switched on. */
function switchFact(
  key: SwitchKey,
  text: string,
  tone: Tone,
  session: SessionSummary,
): NetworkFact {
  const it = SWITCHES[key]
  const value = it.valueOf(session)
  const isOff = value === 'off'
  const isHeld = isHeldOff(it, session)
  const about = isHeld
    ? 'off all the same: a proxy is used, and this would go around it'
    : isOff
      ? ''
      : text
  const said = about === '' ? value : `${value}: ${about}`
  return {
    label: it.label,
    text: isConfigured(it, session) ? `${said} (set by the configuration)` : said,
    tone: isHeld ? 'warn' : isOff ? 'dim' : tone,
    switch: key,
  }
}

function fact(label: string, text: string, tone: Tone = 'plain'): NetworkFact {
  return { label, text, tone }
}

function reachedFacts(status: NetworkStatus, nowMs: number): readonly NetworkFact[] {
  const { listening } = status
  return [
    listening.length === 0
      ? fact('Listening', 'on no port: only peers that we dial', 'warn')
      : fact('Listening', listening.join(', ')),
    externalFact(status),
    reachableFact(status, nowMs),
  ]
}

const SAID_BY = {
  tracker: 'trackers',
  dht: 'the DHT',
  router: 'the router',
  peers: 'peers',
} as const

function externalFact({ external }: NetworkStatus): NetworkFact {
  const addresses = new Map<string, string[]>()
  for (const { address, saidBy } of external) {
    addresses.set(address, [...(addresses.get(address) ?? []), SAID_BY[saidBy]])
  }
  if (addresses.size === 0) return fact('From outside', 'nobody has told us yet', 'dim')
  const texts = [...addresses].map(([address, by]) => `${address} (${by.join(', ')})`)
  return fact('From outside', texts.join('; '))
}

function reachableFact(status: NetworkStatus, nowMs: number): NetworkFact {
  const { reachability, lastIncomingAtMs, proxy } = status
  if (proxy !== null) return fact('Reachable', 'no: nobody comes in through a proxy', 'dim')
  const last = lastIncomingAtMs === null ? '' : `, the last one ${ago(lastIncomingAtMs, nowMs)}`
  switch (reachability) {
    case 'reachable':
      return fact('Reachable', `yes: peers come in by themselves${last}`, 'good')
    case 'unreachable':
      return fact(
        'Reachable',
        `no: nobody comes in${last}. Pass the port on in your router, or switch port mapping on.`,
        'bad',
      )
    case 'unknown':
      return fact('Reachable', `not known yet: nobody came in so far${last}`, 'dim')
    default:
      return reachability satisfies never
  }
}

const METHODS = { upnp: 'UPnP', 'nat-pmp': 'NAT-PMP', pcp: 'PCP' } as const

function mappingFact({ portMapping }: NetworkStatus, of: MakeSwitch): NetworkFact {
  const { state, method, external, problem } = portMapping
  switch (state) {
    case 'off':
      return of('isPortMappingOn', '')
    case 'searching':
      return of('isPortMappingOn', 'looking for a router that does it')
    case 'mapped': {
      const by = method === null ? '' : ` by ${METHODS[method]}`
      return of('isPortMappingOn', `${external ?? 'the port'} leads here${by}`, 'good')
    }
    case 'failed':
      return of('isPortMappingOn', problem === null ? 'failed' : sentence(problem), 'bad')
    default:
      return state satisfies never
  }
}

function dhtText(families: readonly DhtStatus[]): string {
  const nodes = families.reduce((sum, each) => sum + each.nodes, 0)
  return `${count(nodes, 'node')} known`
}

const DHT_STATES: Readonly<Record<DhtStatus['state'], readonly [string, Tone]>> = {
  bootstrapping: ['looking for nodes', 'plain'],
  ready: ['ready', 'good'],
  lonely: ['alone: no node answers', 'bad'],
}

function dhtFacts(dht: DhtStatus): readonly NetworkFact[] {
  const [state, tone] = DHT_STATES[dht.state]
  const verified = dht.isVerified ? 'verified' : 'not verified'
  const readOnly = dht.isReadOnly ? ', asks only' : ''
  const refused = dht.refusedIn === 0 ? '' : ` (${dht.refusedIn} refused)`
  return [
    fact(`  IPv${dht.family}`, `${state}, ${count(dht.nodes, 'node')}${readOnly}`, tone),
    fact('  node id', `${dht.nodeId}, ${verified}`, 'dim'),
    fact(
      '  keeps',
      `${count(dht.storedPeers, 'peer')} of ${count(dht.storedHashes, 'torrent')}, ${count(dht.storedItems, 'item')}`,
      'dim',
    ),
    fact(
      '  queries',
      `${dht.queriesIn} in${refused}, ${dht.queriesOut} out; ${formatBytes(dht.bytesIn)} in, ${formatBytes(dht.bytesOut)} out`,
      'dim',
    ),
  ]
}

function lsdText({ lsd, isAnonymous }: NetworkStatus, nowMs: number): string {
  if (!lsd.isOn)
    return isAnonymous ? 'off while anonymous: it would tell who is here' : 'not running'
  return lsd.lastHeardAtMs === null
    ? 'nobody heard in this network yet'
    : `heard somebody in this network ${ago(lsd.lastHeardAtMs, nowMs)}`
}

function trackerFacts(hosts: readonly TrackerHost[]): readonly NetworkFact[] {
  const ordered = hosts.toSorted((one, other) => other.failing - one.failing)
  const rows = ordered.slice(0, SHOWN_TRACKERS).map((host, index) => {
    const said = host.message === '' ? '' : `: ${host.message}`
    const works = host.failing === 0 ? 'works' : `fails for ${host.failing}${said}`
    const text = `${host.host}, ${count(host.torrents, 'torrent')}, ${works}`
    return fact(index === 0 ? 'Trackers' : '', text, host.failing === 0 ? 'plain' : 'bad')
  })
  if (rows.length === 0) return [fact('Trackers', 'none', 'dim')]
  const more = hosts.length - rows.length
  return more === 0 ? rows : [...rows, fact('', `and ${more} more`, 'dim')]
}

function webRtcText({ webRtc, isAnonymous }: NetworkStatus): string {
  const { state, help } = webRtc
  if (state === 'missing') return `not installed. ${help}`.trim()
  if (state === 'ready') return 'ready for peers in browsers'
  if (help !== '') return `off all the same. ${help}`
  return isAnonymous ? 'off while anonymous: it would tell our addresses' : 'not running'
}

const ENCRYPTION: Readonly<Record<NetworkStatus['encryption'], string>> = {
  off: '',
  prefer: 'where the other can',
  require: 'no connection without it',
}

function proxyFact({ proxy }: NetworkStatus): NetworkFact {
  if (proxy === null) return fact('Proxy', 'none', 'dim')
  if (proxy.problem !== null)
    return fact('Proxy', `${proxy.address}: ${sentence(proxy.problem)}`, 'bad')
  return fact('Proxy', `${proxy.address}, for all that leaves this node`, 'good')
}

function blocklistFact({ blocklist }: NetworkStatus, nowMs: number): NetworkFact {
  if (blocklist === null) return fact('Blocklist', 'none', 'dim')
  const { source, ranges, blocked, loadedAtMs, problem } = blocklist
  if (problem !== null && loadedAtMs === null) {
    return fact('Blocklist', `${source}: ${sentence(problem)}`, 'bad')
  }
  const read = loadedAtMs === null ? ', not read yet' : `, read ${ago(loadedAtMs, nowMs)}`
  const held = `${source}: ${count(ranges, 'range')}, ${blocked} refused${read}`
  // A list of which a part could not be read, or that could not be renewed, still holds.
  if (problem !== null) return fact('Blocklist', `${held}; but: ${sentence(problem)}`, 'warn')
  return fact('Blocklist', held)
}

function ownTrackerFacts({ tracker }: NetworkStatus, of: MakeSwitch): readonly NetworkFact[] {
  if (tracker === null) return [of('isTrackerOn', 'not open yet')]
  const { listening, urls, torrents, peers, announces, problem } = tracker
  const numbers = `${count(torrents, 'torrent')}, ${count(peers, 'peer')}, ${count(announces, 'announce')}`
  return [
    problem === null
      ? of('isTrackerOn', `at ${listening}; ${numbers}`, 'good')
      : of('isTrackerOn', sentence(problem), 'bad'),
    ...urls.map((url, index) => ({
      ...fact(index === 0 ? 'Announce to' : '', url),
      copy: url,
    })),
  ]
}

function peerFacts(status: NetworkStatus): readonly NetworkFact[] {
  const sources = countsText(status.peersBySource, SOURCE_WORDS)
  if (sources === '') return [fact('Connected', 'nobody', 'dim')]
  const transports = countsText(status.peersByTransport, TRANSPORT_WORDS)
  return [
    fact('Found by', sources),
    fact('Connected by', `${transports}; ${status.encryptedPeers} encrypted`),
  ]
}

function connectionsText(connections: number): string {
  return connections === 0 ? 'no connection now' : count(connections, 'connection')
}

function sentence({ message, help }: Problem): string {
  const end = /[.!?]$/.test(message) ? '' : '.'
  return `${message}${end} ${help}`.trim()
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function ago(atMs: number, nowMs: number): string {
  return `${formatDuration(Math.max(0, nowMs - atMs))} ago`
}
