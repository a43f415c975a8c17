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
  'copy-magnet': copyMagnet,
}

function queue(host: Host, chosen: Chosen, to: 'top' | 'up' | 'down' | 'bottom'): void {
  runOn(host, chosen, (ids) => ({ do: 'queue', ids, to }), STRINGS.done.queued)
}

function copyMagnet(host: Host, [torrent]: Chosen): void {
  if (torrent === undefined) return
  void host.control.detail(torrent.id).then((detail) => {
    if (detail === null || detail.magnet === '') return host.say(STRINGS.done.noMagnet)
    host.signal(copySequence(detail.magnet))
    host.say(STRINGS.done.copied)
  })
}
