/**
 * What a session answers when it is asked for what cannot be: each says what was wrong and what to do.
 */
import { fromHex } from '@pigeon/protocol/bytes'
import { toDisplay } from '@pigeon/protocol/display'
import type { MetainfoFault } from '@pigeon/protocol/metainfo'
import type { Refusal } from '../problem.ts'
import { refusal } from '../problem.ts'

export function unknownTorrent(id: string): Refusal {
  const short = fromHex(id) === null ? 'that' : id
  return refusal(
    'unknown-torrent',
    `There is no torrent ${short} here.`,
    'It may have been removed; look at the list again.',
  )
}

export const NO_FILES: Refusal = refusal(
  'bad-value',
  'No file is chosen, so there is nothing to fetch.',
  'Choose at least one file, or leave the choice out to get all.',
)

export const BEING_REMOVED: Refusal = refusal(
  'busy',
  'This torrent is being removed.',
  'Wait a moment, then look at the list again.',
)

export function metadataUnknown(): Refusal {
  return refusal(
    'metadata-unknown',
    'What this torrent holds is not known yet.',
    'Wait until its metadata has come from a peer.',
  )
}

export function noSuchFile(index: number, count: number): Refusal {
  return refusal(
    'bad-value',
    `There is no file ${index}: this torrent has ${count}, numbered from 0.`,
    'Choose among the files that its details list.',
  )
}

export function notAPeer(text: string): Refusal {
  return refusal(
    'bad-value',
    `"${toDisplay(text, 64)}" is no peer address.`,
    'Give a numeric address and a port, such as 192.0.2.7:6881 or [2001:db8::7]:6881.',
  )
}

export function badFolder(folder: string): Refusal {
  return refusal(
    'bad-path',
    `"${toDisplay(folder)}" is no absolute folder.`,
    'Give the whole path, from / on.',
  )
}

export function badTorrent({ message, where }: MetainfoFault): Refusal {
  return refusal(
    'bad-torrent',
    `This torrent file is not valid: ${message} (${where})`,
    'Download it again; when that does not help, ask its publisher for another.',
  )
}

export function badMagnet(message: string): Refusal {
  return refusal('bad-magnet', message, 'Copy the whole link again and retry.')
}

export const V2_ONLY: Refusal = refusal(
  'bad-magnet',
  'This magnet names a v2 torrent only, which Pigeon cannot fetch yet.',
  'Use a magnet with a v1 info-hash (xt=urn:btih:...), which hybrid torrents have.',
)

export const NOT_A_WEB_ADDRESS: Refusal = refusal(
  'bad-url',
  'Only http and https addresses of .torrent files can be added.',
  'Give an address that begins with http:// or https://, or a magnet link.',
)

export function notServed(status: number): Refusal {
  return refusal(
    'bad-url',
    `The server answered ${status} instead of a torrent file.`,
    'Check the address; the file may have moved.',
  )
}

export function alreadyAdded(name: string): Refusal {
  return refusal(
    'already-added',
    `This torrent is already in the list as "${toDisplay(name)}".`,
    'Trackers that were new have been added to it.',
  )
}
