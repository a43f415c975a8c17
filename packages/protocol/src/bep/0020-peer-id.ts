/**
 * BEP 20: peer id conventions <https://www.bittorrent.org/beps/bep_0020.html>
 *
 * Covered: our own Azureus-style id, and the names of clients whose ids follow the Azureus, Shadow or mainline style.
 */
import { latin1Decode, latin1Encode } from '../bytes.ts'
import type { RandomInt } from '../machine.ts'

export const PEER_ID_BYTES = 20

/** Our client code and version 0.1.0: "a dash followed by two characters ..., four ascii digits ..., and a dash". */
export const PEER_ID_PREFIX = '-PG0100-'

/**
 * A new peer id: our prefix and 12 random letters and digits. Make one for each session, so that ids do not follow a
 * user around.
 */
export function makePeerId(random: RandomInt): Uint8Array {
  return withTail(PEER_ID_PREFIX, random)
}

/** One that says nothing of us. Make one for each torrent, so that nobody sees that both are ours. */
export function makeAnonymousPeerId(random: RandomInt): Uint8Array {
  return withTail('', random)
}

function withTail(prefix: string, random: RandomInt): Uint8Array {
  let id = prefix
  while (id.length < PEER_ID_BYTES) id += TAIL_CHARACTERS[random(TAIL_CHARACTERS.length)] ?? ''
  return latin1Encode(id)
}

/**
 * The name and version that a peer id claims, such as `Transmission 4.0.6`; printable ASCII, safe to show. Ids say
 * what their sender wants: use it for display only.
 */
export function clientName(peerId: Uint8Array): string {
  const id = latin1Decode(peerId)
  return specialName(id) ?? azureusName(id) ?? mainlineName(id) ?? shadowName(id) ?? 'unknown'
}

const TAIL_CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** How the four characters after the code become a version. */
type VersionStyle = 'dotted' | 'pairs' | 'transmission'

function azureusName(id: string): string | null {
  const match = /^-([A-Za-z]{2}|[A-Za-z]~|[A-Za-z]\d|\d[A-Za-z])([0-9A-Za-z.]{4})/.exec(id)
  if (match === null) return null
  const [, code = '', digits = ''] = match
  const name = AZUREUS_CLIENTS.get(code)
  if (name === undefined) return id[7] === '-' ? `unknown (${code} ${digits})` : null
  return `${name} ${azureusVersion(digits, versionStyle(code))}`
}

function versionStyle(code: string): VersionStyle {
  if (code === 'WW' || code === 'WD') return 'pairs'
  return code === 'TR' ? 'transmission' : 'dotted'
}

function azureusVersion(digits: string, style: VersionStyle): string {
  // A small letter marks a kind of build, as in Deluge's `211s`.
  const values = digits.replace(/[a-z]/g, '0').split('').map(versionValue)
  const [major = 0, minor = 0, tiny = 0, last = 0] = values
  if (style === 'pairs') return `${major * 10 + minor}.${tiny * 10 + last}`
  if (style === 'transmission' && major < 4) return `${major}.${minor}${tiny}`
  if (style === 'transmission' || last === 0) return `${major}.${minor}.${tiny}`
  return `${major}.${minor}.${tiny}.${last}`
}

/** Digits, then capitals as 10 and up, then small letters, on one scale. */
function versionValue(character: string): number {
  return Math.max(TAIL_CHARACTERS.indexOf(character), 0)
}

/** `M4-3-6--`, `Q1-10-0-`, and aria2's `A2-1-36-0-`. */
function mainlineName(id: string): string | null {
  const match = /^(M|Q|A2-)(\d{1,3})-(\d{1,3})-(\d{1,3})-/.exec(id)
  if (match === null) return null
  const [, code = '', major = '', minor = '', tiny = ''] = match
  return `${MAINLINE_CLIENTS.get(code) ?? 'unknown'} ${major}.${minor}.${tiny}`
}

/** `S58B-----`: a letter, then up to five characters of version, padded with dashes, then `---`. */
function shadowName(id: string): string | null {
  const match = /^([AOQRSTU])([0-9A-Za-z.]{1,5})-*$/.exec(id.slice(0, 6))
  if (match === null || id.slice(6, 8) !== '--') return null
  const version = (match[2] ?? '').split('').map(versionValue).join('.')
  return `${SHADOW_CLIENTS.get(match[1] ?? '') ?? 'unknown'} ${version}`
}

/** Ids of no family. */
function specialName(id: string): string | null {
  const bitComet = /^(?:exbc|FUTB)/.test(id)
  if (bitComet) {
    const name = id.slice(6, 10) === 'LORD' ? 'BitLord' : 'BitComet'
    const minor = String(id.charCodeAt(5) % 100).padStart(2, '0')
    return `${name} ${id.charCodeAt(4)}.${minor}`
  }
  const xbt = /^XBT(\d)(\d)(\d)[d-]-/.exec(id)
  if (xbt !== null) return `XBT ${xbt[1] ?? ''}.${xbt[2] ?? ''}.${xbt[3] ?? ''}`
  const opera = /^OP(\d{4})/.exec(id)
  if (opera !== null) return `Opera build ${opera[1] ?? ''}`
  const mldonkey = /^-ML(\d{1,2}(?:\.\d{1,2}){1,2})-/.exec(id)
  if (mldonkey !== null) return `MLdonkey ${mldonkey[1] ?? ''}`
  if (id.startsWith('AZ2500BT')) return 'BitTyrant'
  if (/^-BOW[0-9A-Z]{3}-/.test(id)) return 'Bits on Wheels'
  if (id.startsWith('346------')) return 'TorrenTopia'
  return null
}

const MAINLINE_CLIENTS: ReadonlyMap<string, string> = new Map([
  ['M', 'BitTorrent'],
  ['Q', 'Queen Bee'],
  ['A2-', 'aria2'],
])

const SHADOW_CLIENTS: ReadonlyMap<string, string> = new Map([
  ['A', 'ABC'],
  ['O', 'Osprey Permaseed'],
  ['Q', 'BTQueue'],
  ['R', 'Tribler'],
  ['S', "Shadow's client"],
  ['T', 'BitTornado'],
  ['U', 'UPnP NAT Bit Torrent'],
])

/** BEP 20's list, and codes that clients of today use. */
const AZUREUS_CLIENTS: ReadonlyMap<string, string> = new Map([
  ['7T', 'aTorrent'],
  ['AG', 'Ares'],
  ['A~', 'Ares'],
  ['AR', 'Arctic'],
  ['AV', 'Avicora'],
  ['AX', 'BitPump'],
  ['AZ', 'Azureus'],
  ['BB', 'BitBuddy'],
  ['BC', 'BitComet'],
  ['BF', 'Bitflu'],
  ['BG', 'BTG'],
  ['BI', 'BiglyBT'],
  ['BR', 'BitRocket'],
  ['BS', 'BTSlave'],
  ['BT', 'BitTorrent'],
  ['BX', 'Bittorrent X'],
  ['CD', 'Enhanced CTorrent'],
  ['CT', 'CTorrent'],
  ['DE', 'Deluge'],
  ['DP', 'Propagate Data Client'],
  ['EB', 'EBit'],
  ['ES', 'electric sheep'],
  ['FD', 'Free Download Manager'],
  ['FG', 'FlashGet'],
  ['FL', 'Folx'],
  ['FT', 'FoxTorrent'],
  ['FW', 'FrostWire'],
  ['FX', 'Freebox BitTorrent'],
  ['GS', 'GSTorrent'],
  ['GT', 'anacrolix torrent'],
  ['HL', 'Halite'],
  ['HN', 'Hydranode'],
  ['KG', 'KGet'],
  ['KT', 'KTorrent'],
  ['LH', 'LH-ABC'],
  ['LP', 'Lphant'],
  ['LT', 'libtorrent'],
  ['lt', 'rTorrent'],
  ['LW', 'LimeWire'],
  ['MO', 'MonoTorrent'],
  ['MP', 'MooPolice'],
  ['MR', 'Miro'],
  ['MT', 'MoonlightTorrent'],
  ['NX', 'Net Transport'],
  ['PD', 'Pando'],
  ['PG', 'Pigeon'],
  ['PI', 'PicoTorrent'],
  ['qB', 'qBittorrent'],
  ['QD', 'QQDownload'],
  ['QT', 'Qt 4 Torrent example'],
  ['rQ', 'rqbit'],
  ['RT', 'Retriever'],
  ['S~', 'Shareaza'],
  ['SB', 'Swiftbit'],
  ['SS', 'SwarmScope'],
  ['ST', 'SymTorrent'],
  ['st', 'sharktorrent'],
  ['SZ', 'Shareaza'],
  ['TL', 'Tribler'],
  ['TN', 'TorrentDotNET'],
  ['TR', 'Transmission'],
  ['TS', 'Torrentstorm'],
  ['TT', 'TuoTu'],
  ['TX', 'Tixati'],
  ['UL', 'uLeecher!'],
  ['UM', 'uTorrent for Mac'],
  ['UT', 'uTorrent'],
  ['UW', 'uTorrent Web'],
  ['VG', 'Vagaa'],
  ['WD', 'WebTorrent Desktop'],
  ['WT', 'BitLet'],
  ['WW', 'WebTorrent'],
  ['WY', 'FireTorrent'],
  ['XL', 'Xunlei'],
  ['XT', 'XanTorrent'],
  ['XX', 'Xtorrent'],
  ['ZT', 'ZipTorrent'],
])
