/** `torrent-set`: everything about a torrent that can be changed, each as a command of its own. */
import { z } from 'zod'
import type { Row } from '../compat/live-list.ts'
import type { Command } from '../contract.ts'
import * as argument from './arguments.ts'
import { chosen } from './chosen.ts'
import {
  type Call,
  DONE,
  method,
  type Outcome,
  outcomeOf,
  type Refused,
  refuse,
} from './outcome.ts'
import { asksForFiles, choicesOf, FILE_ARGUMENTS } from './torrent-files.ts'
import { LIMIT_ARGUMENTS, limitsAsked } from './torrent-limits.ts'
import { asksForTrackers, tiersAsked, TRACKER_ARGUMENTS } from './torrent-trackers.ts'

const settable = z.object({
  ids: argument.ids,
  ...LIMIT_ARGUMENTS,
  ...FILE_ARGUMENTS,
  ...TRACKER_ARGUMENTS,
  group: z.string().max(64).optional(),
  labels: argument.labels.optional(),
  location: argument.text.optional(),
  queue_position: z.number().int().min(0).optional(),
  sequential_download: argument.flag.optional(),
})
type Asked = z.infer<typeof settable>

export const torrentSet = method('full', settable, async (asked, call) => {
  if ((await call.world.list.session()) === null) return refuse('the node does not answer')
  for (const row of chosen(asked.ids, call.world.list)) {
    const outcome = await setOne(row, asked, call)
    if (!outcome.ok) return outcome
  }
  return DONE
})

async function setOne(row: Row, asked: Asked, call: Call): Promise<Outcome> {
  const commands = commandsOf(row, asked, call)
  const inside = await insideCommands(row, asked, call)
  if ('words' in inside) return inside
  for (const command of [...commands, ...inside]) {
    const outcome = outcomeOf(await call.world.list.run(command))
    if (!outcome.ok) return outcome
  }
  return asked.queue_position === undefined ? DONE : place(row, asked.queue_position, call)
}

/** What needs no look into the torrent. */
function commandsOf({ summary }: Row, asked: Asked, { world }: Call): readonly Command[] {
  const ids = [summary.id]
  const commands: Command[] = []
  const limits = limitsAsked(asked, summary, world.remembered)
  if (limits !== null) commands.push({ do: 'set-limits', ids, limits })
  if (asked.labels !== undefined)
    commands.push(...tagCommands(summary.id, summary.tags, asked.labels))
  if (asked.group !== undefined) {
    commands.push({ do: 'set-category', ids, category: asked.group === '' ? null : asked.group })
  }
  if (asked.sequential_download !== undefined) {
    commands.push({ do: 'set-sequential', ids, isSequential: asked.sequential_download })
  }
  if (asked.location !== undefined) commands.push({ do: 'move', ids, folder: asked.location })
  return commands
}

/** The labels take the place of those that were there. */
export function tagCommands(
  id: string,
  now: readonly string[],
  labels: readonly string[],
): readonly Command[] {
  const wanted = labels.map((label) => label.trim()).filter((label) => label !== '')
  const add = wanted.filter((label) => !now.includes(label))
  const remove = now.filter((label) => !wanted.includes(label))
  return add.length + remove.length === 0 ? [] : [{ do: 'tag', ids: [id], add, remove }]
}

async function insideCommands(
  { summary }: Row,
  asked: Asked,
  { world }: Call,
): Promise<readonly Command[] | Refused> {
  const wantsFiles = asksForFiles(asked)
  if (!wantsFiles && !asksForTrackers(asked)) return []
  const detail = await world.list.control.detail(summary.id)
  if (detail === null) return []
  const commands: Command[] = []
  if (wantsFiles) {
    const files = choicesOf(
      asked,
      detail.files.map(({ priority }) => priority),
    )
    if (typeof files === 'number') return refuse(`there is no file ${files}`)
    if (files.length > 0) commands.push({ do: 'set-files', id: summary.id, files: [...files] })
  }
  if (asksForTrackers(asked)) {
    const tiers = tiersAsked(asked, detail.trackers)
    if ('words' in tiers) return tiers
    commands.push({ do: 'set-trackers', id: summary.id, tiers })
  }
  return commands
}

/** Steps that a place in the queue may be away from its ends. */
export const QUEUE_STEPS = 1_000

/** To a place in the queue: to the nearer end first, then step by step. */
async function place({ summary }: Row, position: number, { world }: Call): Promise<Outcome> {
  const positions = world.list.rows().map((row) => row.summary.queuePosition ?? -1)
  const last = Math.max(...positions, 0)
  const isNearTop = position <= last / 2
  const steps = isNearTop ? position : Math.max(0, last - position)
  if (steps > QUEUE_STEPS) return refuse(`queuePosition: more than ${QUEUE_STEPS} from both ends`)
  const ids = [summary.id]
  const moves = Array.from({ length: steps }, (): 'up' | 'down' => (isNearTop ? 'down' : 'up'))
  for (const to of [isNearTop ? 'top' : 'bottom', ...moves] as const) {
    const result = await world.list.control.run({ do: 'queue', ids, to })
    if (!result.ok) return outcomeOf(result)
  }
  return DONE
}
