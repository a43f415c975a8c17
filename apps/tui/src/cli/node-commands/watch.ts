/** `pigeon watch`: what changes, as it changes, one JSON object a line. */
import type { Problem, Update } from '@pigeon/control/contract'
import { type Filter, parseFilter } from '@pigeon/control/filter'
import { jsonLine } from '../output.ts'
import type { NodeAction } from './around.ts'

export const watch: NodeAction = async (around, given) => {
  const parsed = parseFilter(given.args.join(' '))
  if (!parsed.ok) return parsed.problem
  const shown = new Set<string>()
  await new Promise<void>((resolve) => {
    const stop = around.control.watch((update) => {
      const about = narrowed(update, parsed.filter, shown)
      if (about !== null) around.print(jsonLine(about))
    })
    const end = (): void => {
      stop()
      resolve()
    }
    if (around.signal.aborted) end()
    else around.signal.addEventListener('abort', end, { once: true })
  })
  return null satisfies Problem | null
}

/** The part of an update that the filter lets through; `null` when nothing is left of it. */
function narrowed(update: Update, filter: Filter, shown: Set<string>): Update | null {
  if (filter.isEmpty || update.kind === 'offline') return update
  if (update.kind === 'snapshot') {
    const torrents = update.torrents.filter((torrent) => filter.matches(torrent))
    shown.clear()
    for (const { id } of torrents) shown.add(id)
    return { ...update, torrents }
  }
  const changed = update.changed.filter((torrent) => filter.matches(torrent))
  // What matched and does not any more is gone for whoever watches.
  const lost = update.changed.filter(
    ({ id }) => shown.has(id) && !changed.some((each) => each.id === id),
  )
  const removed = [...update.removed.filter((id) => shown.has(id)), ...lost.map(({ id }) => id)]
  for (const { id } of changed) shown.add(id)
  for (const id of removed) shown.delete(id)
  if (changed.length === 0 && removed.length === 0 && update.session === null) return null
  return { ...update, changed, removed }
}
