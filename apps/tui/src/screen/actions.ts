/** What keys do with the chosen torrents. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { openCategory, openLimits, openMove, openRename, openTags } from './torrent-forms.ts'
import type { Action } from './keymap.ts'
import { RemoveDialog } from './remove-dialog.ts'
import { runOn } from './run-on.ts'
import { STRINGS } from './strings.ts'
import { copySequence } from './terminal-signals.ts'
import type { Host } from './view.ts'

type Chosen = readonly TorrentSummary[]

/** Answers whether it was one for torrents. */
export function actOnTorrents(host: Host, action: Action, chosen: Chosen): boolean {
  const act = ACTS[action]
  if (act === undefined) return false
  if (chosen.length === 0) host.say(STRINGS.done.noneSelected)
  else act(host, chosen)
  return true
}

const ACTS: { readonly [A in Action]?: (host: Host, chosen: Chosen) => void } = {
  pause: (host, chosen) => {
    // One that runs is enough to mean "pause" for all of them.
    const isStopped = chosen.every(({ state }) => state === 'paused' || state === 'error')
    const done = isStopped ? STRINGS.done.resumed : STRINGS.done.paused
    runOn(host, chosen, (ids) => ({ do: isStopped ? 'resume' : 'pause', ids }), done)
  },
  force: (host, chosen) => {
    const isForced = !chosen.every((torrent) => torrent.isForced)
    const done = isForced ? STRINGS.done.forced : STRINGS.done.unforced
    runOn(host, chosen, (ids) => ({ do: 'resume', ids, isForced }), done)
  },
  remove: (host, chosen) => host.open(new RemoveDialog(host, chosen)),
  recheck: (host, chosen) =>
    runOn(host, chosen, (ids) => ({ do: 'recheck', ids }), STRINGS.done.recheck),
  reannounce: (host, chosen) =>
    runOn(host, chosen, (ids) => ({ do: 'reannounce', ids }), STRINGS.done.reannounce),
  'queue-up': (host, chosen) => queue(host, chosen, 'up'),
  'queue-down': (host, chosen) => queue(host, chosen, 'down'),
  'queue-top': (host, chosen) => queue(host, chosen, 'top'),
  'queue-bottom': (host, chosen) => queue(host, chosen, 'bottom'),
  sequential: (host, chosen) => {
    const isSequential = !chosen.every((torrent) => torrent.isSequential)
    const done = isSequential ? STRINGS.done.sequential : STRINGS.done.rarest
    runOn(host, chosen, (ids) => ({ do: 'set-sequential', ids, isSequential }), done)
  },
  move: openMove,
  rename: openRename,
  limits: openLimits,
  category: openCategory,
  tags: openTags,
  'copy-magnet': (host, chosen) => void copyMagnets(host, chosen),
}

function queue(host: Host, chosen: Chosen, to: 'top' | 'up' | 'down' | 'bottom'): void {
  runOn(host, chosen, (ids) => ({ do: 'queue', ids, to }), STRINGS.done.queued)
}

/** Of as many a terminal takes the text: many keep no more than 100,000 characters of it. */
export const COPIED_MAGNETS = 50

async function copyMagnets(host: Host, chosen: Chosen): Promise<void> {
  if (chosen.length > COPIED_MAGNETS) return host.say(STRINGS.done.tooManyToCopy(COPIED_MAGNETS))
  const details = await Promise.all(chosen.map(({ id }) => host.control.detail(id)))
  const magnets = details.flatMap((detail) =>
    detail === null || detail.magnet === '' ? [] : [detail.magnet],
  )
  if (magnets.length === 0) return host.say(STRINGS.done.noMagnet)
  host.signal(copySequence(magnets.join('\n')))
  host.say(STRINGS.done.copied(magnets.length))
}
