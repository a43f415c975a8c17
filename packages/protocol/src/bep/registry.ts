/**
 * Which BEPs Pigeon speaks, how far, and where: one row a BEP. `docs/beps.md` is printed from it, and a test holds it
 * against the modules and vectors that are there.
 */

export interface BepRow {
  readonly number: number
  readonly title: string
  readonly url: string
  /** `whole`: all that a client needs of it; `part`: see the note; `planned`: at most its traces in other formats. */
  readonly status: 'whole' | 'part' | 'planned'
  /** Paths below `src/`. */
  readonly modules: readonly string[]
  /** The folder below `vectors/`; `null` where there is nothing to decode yet. */
  readonly vectors: string | null
  readonly note: string
}

export const BEPS: readonly BepRow[] = [
  row(3, 'The BitTorrent Protocol Specification', 'whole', '', [
    'bencode.ts',
    'metainfo.ts',
    'create.ts',
    'bep/0003-handshake.ts',
    'wire/messages.ts',
    'wire/frame.ts',
    'peer-wire.ts',
    'bep/0003-http-tracker.ts',
  ]),
  row(5, 'DHT Protocol', 'whole', '', ['bep/0005-krpc.ts', 'bep/0005-nodes.ts', 'dht/dht.ts']),
  row(6, 'Fast Extension', 'whole', '', ['bep/0006-fast.ts']),
  row(
    7,
    'IPv6 Tracker Extension',
    'part',
    'Answers with IPv6 peers are read; announces over HTTP go out by one address family, the one that the system prefers.',
    ['bep/0007-ipv6.ts'],
  ),
  row(9, 'Extension for Peers to Send Metadata Files', 'whole', '', [
    'bep/0009-metadata.ts',
    'bep/0009-magnet.ts',
  ]),
  row(10, 'Extension Protocol', 'whole', '', ['bep/0010-extension.ts']),
  row(11, 'Peer Exchange (PEX)', 'whole', '', ['bep/0011-pex.ts']),
  row(12, 'Multitracker Metadata Extension', 'whole', '', [
    'bep/0012-announce-list.ts',
    'bep/0012-tiers.ts',
  ]),
  row(14, 'Local Service Discovery', 'whole', '', ['bep/0014-lsd.ts']),
  row(15, 'UDP Tracker Protocol for BitTorrent', 'whole', '', [
    'bep/0015-udp-tracker.ts',
    'bep/0015-udp-client.ts',
  ]),
  row(
    19,
    'WebSeed - HTTP/FTP Seeding (GetRight style)',
    'part',
    '`url-list` is read and written; nothing is fetched from web seeds yet.',
    ['bep/0019-url-list.ts'],
  ),
  row(20, 'Peer ID Conventions', 'whole', 'Our prefix is `-PG`.', ['bep/0020-peer-id.ts']),
  row(21, 'Extension for partial seeds', 'whole', '', ['bep/0021-upload-only.ts']),
  row(23, 'Tracker Returns Compact Peer Lists', 'whole', '', ['bep/0023-compact.ts']),
  row(24, 'Tracker Returns External IP', 'whole', '', ['bep/0024-external-ip.ts']),
  row(27, 'Private Torrents', 'whole', '', ['bep/0027-private.ts']),
  row(29, 'uTorrent transport protocol', 'whole', '', ['bep/0029-packet.ts', 'utp/utp-mux.ts']),
  row(31, 'Failure Retry Extension', 'whole', '', ['bep/0031-retry-in.ts']),
  row(32, 'BitTorrent DHT Extensions for IPv6', 'whole', '', ['bep/0032-nodes.ts']),
  row(33, 'DHT Scrapes', 'whole', '', ['bep/0033-scrape-filter.ts']),
  row(40, 'Canonical Peer Priority', 'whole', '', ['bep/0040-peer-priority.ts']),
  row(41, 'UDP Tracker Protocol Extensions', 'whole', '', ['bep/0041-url-data.ts']),
  row(42, 'DHT Security extension', 'whole', '', ['bep/0042-node-id.ts']),
  row(43, 'Read-only DHT Nodes', 'whole', '', ['dht/dht.ts']),
  row(44, 'Storing arbitrary data in the DHT', 'whole', '', ['bep/0044-items.ts']),
  row(
    47,
    'Padding files and extended file attributes',
    'part',
    'Padding is honoured; symbolic links, the other attributes and `sha1` are not.',
    ['bep/0047-attributes.ts'],
  ),
  row(48, 'Tracker Protocol Extension: Scrape', 'whole', '', ['bep/0048-scrape.ts']),
  row(51, 'DHT Infohash Indexing', 'whole', '', ['bep/0051-samples.ts']),
  row(
    52,
    'The BitTorrent Protocol Specification v2',
    'part',
    'Info-hashes only: hybrids are read by their v1 half, v2 alone is refused with a clear message.',
    ['bep/0052-info-hashes.ts'],
  ),
  row(53, 'Magnet URI extension - Select specific file indices for download', 'whole', '', [
    'bep/0053-select-only.ts',
  ]),
  row(54, 'The lt_donthave extension', 'whole', '', ['bep/0054-donthave.ts']),
  row(55, 'Holepunch extension', 'whole', '', ['bep/0055-holepunch.ts']),
]

function row(
  number: number,
  title: string,
  status: 'whole' | 'part',
  note: string,
  modules: readonly string[],
): BepRow {
  return { number, title, url: urlOf(number), status, modules, vectors: folderOf(number), note }
}

function urlOf(number: number): string {
  return `https://www.bittorrent.org/beps/bep_${padded(number)}.html`
}

function folderOf(number: number): string {
  return `bep-${padded(number)}`
}

function padded(number: number): string {
  return String(number).padStart(4, '0')
}
