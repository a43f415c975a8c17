/** Texts of the network page and of the wire inspector, in English. */
import type {
  DhtStatus,
  ExternalAddress,
  NetworkStatus,
  PeerSource,
  PortMappingStatus,
} from '@pigeon/control/network'
import type { SwitchKey } from '../network-switches.ts'
import { countingIn } from './counting.ts'

const { count, counted } = countingIn('en')

const sources: { readonly [S in PeerSource]: string } = {
  tracker: 'Trackers',
  magnet: 'Magnet links',
  incoming: 'They dialled us',
  user: 'Added by hand',
  dht: 'DHT',
  pex: 'Other peers (PEX)',
  lsd: 'Local network (LSD)',
}

const saidBy: { readonly [S in ExternalAddress['saidBy']]: string } = {
  tracker: 'by a tracker',
  dht: 'by DHT nodes',
  router: 'by the router',
  peers: 'by peers',
}

const reachability: { readonly [R in NetworkStatus['reachability']]: string } = {
  unknown: 'Not known yet',
  reachable: 'Reachable',
  unreachable: 'Not reachable',
}

const reachabilityText: { readonly [R in NetworkStatus['reachability']]: string } = {
  unknown:
    'Nobody has dialled us so far. That needs some peers who know us: wait until torrents have run for a while.',
  reachable: 'Strangers have connected to us by themselves.',
  unreachable:
    'Peers know us, but nobody gets through. Turn on port mapping, or pass the port on in the settings of your router. Downloads work all the same, with fewer peers.',
}

const mappingStates: { readonly [S in PortMappingStatus['state']]: string } = {
  off: 'Off: nobody asks the router',
  searching: 'Looking for a router…',
  mapped: 'The router passes our port on',
  failed: 'The router does not pass our port on',
}

const dhtStates: { readonly [S in DhtStatus['state']]: string } = {
  bootstrapping: 'Looking for first nodes…',
  ready: 'Working',
  lonely: 'No node answers.',
}

const switches: { readonly [K in SwitchKey]: { readonly label: string; readonly hint: string } } = {
  isDhtOn: {
    label: 'DHT',
    hint: 'Finds peers without a tracker. Private torrents never use it.',
  },
  isPexOn: { label: 'Peer exchange (PEX)', hint: 'Peers name each other peers.' },
  isLsdOn: {
    label: 'Local peers (LSD)',
    hint: 'Finds peers in your own network. Everybody there sees what you look for.',
  },
  isUtpOn: {
    label: 'uTP',
    hint: 'Connections over UDP that make way for others and often pass where TCP does not.',
  },
  isWebRtcOn: { label: 'WebRTC', hint: 'Reaches peers that live in browsers.' },
  isPortMappingOn: {
    label: 'Port mapping',
    hint: 'Asks the router by UPnP, NAT-PMP or PCP to pass our port on.',
  },
  isAnonymous: {
    label: 'Anonymous mode',
    hint: 'Nothing that we send says who we are: no client name, no own addresses, another peer id for each torrent.',
  },
  isTrackerOn: {
    label: 'Embedded tracker',
    hint: 'This node is a tracker for others: all that a school, an office or a LAN party needs.',
  },
}

export const enNetwork = {
  network: {
    title: 'Network',
    open: 'Network',
    loading: 'Asking the node for its network…',
    failed: 'The node does not tell about its network.',
    stale: 'What you see is from before.',
    switches,
    readOnly:
      'The token by which this node is shown may only look. To change this, give pigeon-web one with the scope “full”.',
    proxied: 'Off while a proxy is used: it cannot go through it.',

    reach: 'Reachability',
    reachability,
    reachabilityText,
    listening: 'We listen on',
    deaf: 'nothing: no socket is open',
    external: 'Others see us as',
    externalNone: 'nobody has said yet',
    saidBy,
    lastIncoming: 'Last incoming',
    never: 'nobody yet',
    mappingStates,
    mappedBy: (method: string, external: string) => `by ${method}, as ${external}`,

    peers: 'Connected peers',
    peersNone: 'No peer is connected.',
    bySource: 'Where they were found',
    byTransport: 'How they are connected',
    encrypted: 'Encrypted',
    sources,
    transports: { tcp: 'TCP', utp: 'uTP', webrtc: 'WebRTC' },

    dht: 'DHT',
    dhtOff: 'The DHT is off: magnets without a tracker find nobody.',
    dhtStarting: 'The DHT has no socket yet.',
    families: { 4: 'IPv4', 6: 'IPv6' },
    dhtStates,
    dhtLonelyHelp:
      'Check that UDP gets out of your network, and the setting “bootstrap-nodes”. It tries again by itself.',
    nodeId: 'Node id',
    verified: 'belongs to our address (BEP 42)',
    unverified: 'does not belong to our address yet; some nodes keep away from such ids',
    readOnlyNode: 'Asks, and answers nobody (BEP 43)',
    nodes: 'Nodes',
    stored: 'Kept for others',
    storedValue: (hashes: number, peers: number, items: number) =>
      `${counted(peers, 'peer', 'peers')} of ${counted(hashes, 'torrent', 'torrents')}, ${counted(items, 'value', 'values')}`,
    queries: 'Queries',
    queriesValue: (out: number, incoming: number, refused: number) =>
      `${count(out)} asked, ${count(incoming)} answered, ${count(refused)} refused`,
    traffic: 'Traffic',
    trafficValue: (down: string, up: string) => `↓ ${down}, ↑ ${up}`,

    ways: 'How peers are found and reached',
    lsdHeard: (time: string) => `Last heard of somebody ${time}.`,
    lsdSilent: 'Nobody in the local network was heard yet.',
    utpCount: (connections: number) => `${counted(connections, 'connection', 'connections')} now.`,
    webRtcReady: 'Ready.',
    webRtcMissing: 'Missing:',
    encryption: 'Encryption',
    encryptionHint: 'Hides from the line that this is BitTorrent. It does not hide who you are.',
    encryptions: { off: 'Off', prefer: 'Prefer', require: 'Require' },
    encryptionTexts: {
      off: 'All connections are plain.',
      prefer: 'Encrypted where the other side can.',
      require: 'Only encrypted connections; peers that cannot are lost.',
    },

    privacy: 'Privacy and protection',
    proxy: 'Proxy',
    proxyNone: 'None: connections go straight.',
    proxyOff: (names: string) =>
      `Off because it cannot go through the proxy: ${names}. Nobody can dial us either.`,
    blocklist: 'Blocklist',
    blocklistNone: 'None is loaded.',
    blocklistValue: (ranges: number, blocked: number) =>
      `${counted(ranges, 'range', 'ranges')}; ${counted(blocked, 'connection', 'connections')} refused`,
    blocklistLoaded: (time: string) => `read ${time}`,

    trackers: 'Trackers of your torrents',
    trackersNone: 'No torrent names a tracker.',
    trackerTorrents: (torrents: number) => counted(torrents, 'torrent', 'torrents'),
    trackerFailing: (failing: number, all: number) =>
      failing === all ? 'fails' : `fails for ${count(failing)} of ${count(all)}`,
    trackerWorking: 'works',
    trackerIdle: 'not asked yet',
    trackersMore: (more: number) => `Show ${count(more)} more`,

    server: 'Embedded tracker',
    serverListening: 'Listens on',
    serverCounts: 'Serves',
    serverCountsValue: (torrents: number, peers: number) =>
      `${counted(torrents, 'torrent', 'torrents')}, ${counted(peers, 'peer', 'peers')}`,
    serverAnnounces: 'Announces',
    serverUrls: 'Addresses for others to announce to',
    copyNamed: (what: string) => `Copy ${what}`,
  },

  dhtTool: {
    title: 'Ask the DHT',
    lead: 'Through this node, once. Whoever is asked sees its address.',
    ask: 'What to ask',
    kinds: {
      ping: 'Ping a node',
      peers: 'Find peers',
      get: 'Get a value',
      put: 'Put a value',
    },
    fields: {
      ping: 'Node',
      peers: 'Info-hash',
      get: 'Target',
      put: 'Text',
    },
    hints: {
      ping: 'Such as router.example:6881 or [2001:db8::1]:6881',
      peers: '40 hex digits, or a magnet link',
      get: '40 hex digits: what a put answered',
      put: (most: number) =>
        `At most ${count(most)} bytes. Everybody who has its target can read it.`,
    },
    wrong: {
      ping: 'Write a host and a port, such as router.example:6881.',
      peers: 'Write an info-hash of 40 hex digits, or a magnet link that has one.',
      get: 'Write a target of 40 hex digits.',
      put: 'Write something to put.',
      long: (bytes: number, most: number) =>
        `The text has ${count(bytes)} bytes; the DHT takes ${count(most)}. Make it shorter.`,
    },
    submit: { ping: 'Ping', peers: 'Find', get: 'Get', put: 'Put' },
    busy: 'Asking…',
    pong: (time: number) => `Answered after ${count(time)} ms.`,
    pongClient: 'Client',
    found: (peers: number, asked: number) =>
      peers === 0
        ? `Nobody knows a peer (${counted(asked, 'node', 'nodes')} asked).`
        : `${counted(peers, 'peer', 'peers')} found (${counted(asked, 'node', 'nodes')} asked).`,
    estimate: (seeds: number | null, downloaders: number | null) =>
      `In all about ${seeds === null ? '?' : count(seeds)} seeds and ${downloaders === null ? '?' : count(downloaders)} downloading.`,
    more: (more: number) => `and ${count(more)} more`,
    value: (asked: number) => `Found (${counted(asked, 'node', 'nodes')} asked):`,
    noValue: (asked: number) => `Nobody has it (${counted(asked, 'node', 'nodes')} asked).`,
    stored: (nodes: number) =>
      nodes === 0 ? 'No node took it.' : `${counted(nodes, 'node', 'nodes')} keep it. Its target:`,
    copyPeers: 'Copy all addresses',
    copyTarget: 'Copy the target',
    copyValue: 'Copy the value',
  },

  wire: {
    title: (peer: string) => `Wire of ${peer}`,
    peerUnknown: (number: number) => `peer ${number}`,
    back: 'Back to the peers',
    inspect: 'Inspect the wire',
    inspectNamed: (address: string) => `Inspect the wire of ${address}`,
    copyAddress: 'Copy the address',
    label: 'Messages',
    hint: 'Arrow keys move, Enter opens the fields, End goes to the newest.',
    columns: {
      time: 'Time',
      direction: 'Way',
      name: 'Message',
      bep: 'BEP',
      length: 'Bytes',
      fields: 'Fields',
    },
    directions: { in: 'from the peer', out: 'to the peer' },
    directionFilter: 'Show',
    directionChoice: { all: 'Both', in: 'Received', out: 'Sent' },
    nameFilter: 'Filter by message',
    namePlaceholder: 'piece, ut_pex',
    pause: 'Pause',
    resume: 'Go on',
    clear: 'Clear',
    newest: 'To the newest',
    bepLink: (bep: number) => `BEP ${bep}, opens bittorrent.org`,
    noFields: 'no fields',
    fieldsLabel: 'Fields',
    counts: (shown: number, kept: number) =>
      shown === kept
        ? counted(kept, 'message', 'messages')
        : `${count(shown)} of ${counted(kept, 'message', 'messages')}`,
    leftOut: (leftOut: number) => `${count(leftOut)} left out`,
    leftOutBefore: (leftOut: number) => `${count(leftOut)} left out before`,
    leftOutHint: 'More came than the node hands on.',
    dropped: (most: number) => `Only the newest ${count(most)} are kept.`,
    waiting: (many: number) => `${count(many)} new wait`,
    states: {
      waiting: 'Waiting for messages…',
      live: 'Live',
      paused: 'Paused',
      ended: 'The connection to this peer has ended. Nothing follows.',
      cut: 'No connection to pigeon-web. It goes on by itself.',
    },
    noMatch: 'No message matches the filter.',
    none: 'Nothing has passed yet.',
  },
}
