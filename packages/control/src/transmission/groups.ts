/** Bandwidth groups: the categories of this node, of which only the limits show here. */
import { z } from 'zod'
import { defined } from '../compat/defined.ts'
import type { Category, Command } from '../contract.ts'
import * as argument from './arguments.ts'
import type { JsonObject } from './keys.ts'
import { method, outcomeOf, refuse, type World } from './outcome.ts'
import { BYTES_PER_KB } from './torrent-fields.ts'

const groupName = z.string().max(64)

export const groupGet = method(
  'read',
  z.object({ group: z.union([groupName, z.array(groupName).max(1_000)]).optional() }),
  async ({ group }, { world }) => {
    const session = await world.list.session()
    if (session === null) return refuse('the node does not answer')
    const wanted = typeof group === 'string' ? [group] : group
    const groups = session.categories
      .filter((category) => wanted === undefined || wanted.includes(category.name))
      .map((category) => groupOf(category, world))
    return { ok: true, value: { group: groups } }
  },
)

function groupOf({ name, limits }: Category, { remembered }: World): JsonObject {
  const kb = (which: 'down' | 'up'): number => {
    const limit = limits[which]
    return limit === null ? remembered.get(ownerOf(name), which) : Math.round(limit / BYTES_PER_KB)
  }
  return {
    honors_session_limits: true,
    name,
    speed_limit_down: kb('down'),
    speed_limit_down_enabled: limits.down !== null,
    speed_limit_up: kb('up'),
    speed_limit_up_enabled: limits.up !== null,
  }
}

export const groupSet = method(
  'full',
  z.object({
    name: groupName,
    honors_session_limits: argument.flag.optional(),
    speed_limit_down: argument.speed.optional(),
    speed_limit_down_enabled: argument.flag.optional(),
    speed_limit_up: argument.speed.optional(),
    speed_limit_up_enabled: argument.flag.optional(),
  }),
  async (asked, { world }) => {
    const session = await world.list.session()
    if (session === null) return refuse('the node does not answer')
    const now = session.categories.find((category) => category.name === asked.name)
    const limit = (
      which: 'down' | 'up',
      value?: number,
      isOn?: boolean,
    ): number | null | undefined => {
      const before = now?.limits[which] ?? null
      const kb = before === null ? null : Math.round(before / BYTES_PER_KB)
      const settled = world.remembered.settle(ownerOf(asked.name), which, kb, { value, isOn })
      return typeof settled === 'number' ? settled * BYTES_PER_KB : settled
    }
    const command: Command = {
      do: 'save-category',
      name: asked.name,
      limits: defined({
        down: limit('down', asked.speed_limit_down, asked.speed_limit_down_enabled),
        up: limit('up', asked.speed_limit_up, asked.speed_limit_up_enabled),
      }),
    }
    const outcome = outcomeOf(await world.list.run(command))
    if (!outcome.ok || asked.honors_session_limits !== false) return outcome
    return refuse(
      'honorsSessionLimits was not changed: categories always keep to the limits of the session',
    )
  },
)

function ownerOf(group: string): string {
  return `group:${group}`
}
