/**
 * What a session answers when it is asked for what cannot be: each says what was wrong and what to do.
 */
import { fromHex } from '@pigeon/protocol/bytes'
import { toDisplay } from '@pigeon/protocol/display'
import type { MetainfoFault } from '@pigeon/protocol/metainfo'
import { parseTrackerUrl } from '@pigeon/protocol/tracker-url'
import type { Refusal } from '../problem.ts'
import { refusal } from '../problem.ts'
import type { RenameFault } from '../renames.ts'

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

export const BEING_CHECKED: Refusal = refusal(
  'busy',
  'This torrent is being checked.',
  'Wait until the check is done, or pause it.',
)

export function unknownCategory(name: string): Refusal {
  return refusal(
    'unknown-category',
    `There is no category "${toDisplay(name, 64)}".`,
    'Choose one that exists, or make it first.',
  )
}

/** `null` when it may be asked. */
export function badTracker(url: string): Refusal | null {
  const result = parseTrackerUrl(url)
  if (result.ok) return null
  return refusal(
    'bad-url',
    `"${toDisplay(url, 80)}" cannot be a tracker: ${result.fault.detail}`,
    'Give addresses such as https://tracker.example/announce, udp://tracker.example:6969 or wss://tracker.example.',
  )
}

export function tooMany(what: 'tags' | 'categories' | 'trackers', limit: number): Refusal {
  return refusal('too-many', `There can be ${limit} ${what} at most.`, 'Remove some first.')
}

export const NOT_FOR_MAGNETS: Refusal = refusal(
  'metadata-unknown',
  'A magnet link does not say what it holds: that comes from peers once it is added.',
  'Add it so that it stops when its metadata is known, then choose files.',
)

export function notRenamed(fault: RenameFault, path: string | null, name: string): Refusal {
  const shown = toDisplay(name, 80)
  switch (fault) {
    case 'no-such-path':
      return refusal(
        'bad-path',
        `There is no file or folder "${toDisplay(path ?? '', 120)}" in this torrent.`,
        'Choose among those that its details list.',
      )
    case 'bad-name':
      return refusal(
        'bad-value',
        `"${shown}" cannot be the name of a file or folder.`,
        'Give a name without slashes; moving is a command of its own.',
      )
    case 'name-taken':
      return refusal(
        'name-taken',
        `There is something called "${shown}" beside it already, or something that differs in case alone.`,
        'Choose another name.',
      )
    case 'path-too-long':
      return refusal(
        'bad-value',
        `With the name "${shown}" a path would be longer than files may have.`,
        'Choose a shorter name.',
      )
    case 'too-many':
      return refusal('too-many', 'This torrent was renamed too often.', 'Leave it as it is.')
    default:
      return fault satisfies never
  }
}

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
