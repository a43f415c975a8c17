/**
 * The one table of what keys do: dispatch, footer and help all read it, so none can say what another does not do.
 */
import type { KeyPress } from './keys.ts'
import { STRINGS } from './strings.ts'

/** Where a key counts. The more special place wins. */
export type Place = 'everywhere' | 'moving' | 'list' | 'torrents' | 'detail' | 'network' | 'wire'

export interface ActionRow {
  readonly place: Place
  readonly keys: readonly string[]
}

const row = (place: Place, ...keys: readonly string[]): ActionRow => ({ place, keys })

/** In the order in which help lists them. */
export const ACTIONS = {
  back: row('everywhere', 'q'),
  quit: row('everywhere', 'C-c'),
  help: row('everywhere', '?', 'F1'),
  command: row('everywhere', ':'),
  add: row('everywhere', 'a'),
  share: row('everywhere', 'S'),
  'alternative-limits': row('everywhere', 't'),
  'session-limits': row('everywhere', 'L'),
  'cancel-job': row('everywhere', 'X'),
  network: row('everywhere', 'N'),
  redraw: row('everywhere', 'C-l'),
  suspend: row('everywhere', 'C-z'),
  up: row('moving', 'k', 'Up'),
  down: row('moving', 'j', 'Down'),
  'page-up': row('moving', 'PgUp', 'C-b'),
  'page-down': row('moving', 'PgDn', 'C-f'),
  'half-page-up': row('moving', 'C-u'),
  'half-page-down': row('moving', 'C-d'),
  top: row('moving', 'g', 'Home'),
  bottom: row('moving', 'G', 'End'),
  open: row('list', 'Enter', 'Right'),
  filter: row('list', '/'),
  sort: row('list', 's'),
  columns: row('list', 'C'),
  select: row('list', 'Space'),
  'select-range': row('list', 'v'),
  'select-all': row('list', '*'),
  'next-status': row('list', 'Tab', ']'),
  'previous-status': row('list', 'S-Tab', '['),
  pause: row('torrents', 'p'),
  force: row('torrents', 'F'),
  remove: row('torrents', 'd', 'Delete'),
  recheck: row('torrents', 'R'),
  reannounce: row('torrents', 'r'),
  move: row('torrents', 'm'),
  rename: row('torrents', 'n'),
  files: row('torrents', 'f'),
  'queue-up': row('torrents', 'K'),
  'queue-down': row('torrents', 'J'),
  'queue-top': row('torrents', '{'),
  'queue-bottom': row('torrents', '}'),
  limits: row('torrents', 'l'),
  category: row('torrents', 'c'),
  tags: row('torrents', 'T'),
  sequential: row('torrents', 'o'),
  'copy-magnet': row('torrents', 'y'),
  'next-tab': row('detail', 'Tab', ']'),
  'previous-tab': row('detail', 'S-Tab', '['),
  'fold-or-unfold': row('detail', 'Enter', 'Space'),
  'raise-priority': row('detail', '+', '='),
  'lower-priority': row('detail', '-'),
  'sort-peers': row('detail', 's'),
  'inspect-peer': row('detail', 'w'),
  'add-to-tab': row('detail', 'i'),
  'edit-in-tab': row('detail', 'e'),
  'remove-from-tab': row('detail', 'x'),
  switch: row('network', 'Space', 'Enter'),
  'copy-address': row('network', 'y'),
  'network-form': row('network', 'e'),
  'open-message': row('wire', 'Enter'),
  'pause-wire': row('wire', 'p', 'Space'),
  'filter-wire': row('wire', '/'),
  'follow-wire': row('wire', 'f'),
} as const satisfies Readonly<Record<string, ActionRow>>

export type Action = keyof typeof ACTIONS

export class Keymap {
  readonly #keys: ReadonlyMap<Action, readonly string[]>

  /** `changed`: for some actions, the keys that take the place of their usual ones. */
  constructor(changed: ReadonlyMap<Action, readonly string[]> = new Map()) {
    const taken = new Set([...changed].flatMap(([action, keys]) => keysAt(action, keys)))
    this.#keys = new Map(
      actionNames().map((action) => {
        const { keys, place } = ACTIONS[action]
        const own = changed.get(action)
        // A key that the user gave to something else at the same place is not its usual action's any more.
        return [action, own ?? keys.filter((key) => !taken.has(`${place} ${key}`))]
      }),
    )
  }

  keysOf(action: Action): readonly string[] {
    return this.#keys.get(action) ?? []
  }

  /** What a key does; the first place that knows it counts. */
  actionOf(key: KeyPress, places: readonly Place[]): Action | null {
    for (const place of places) {
      for (const [action, keys] of this.#keys) {
        if (ACTIONS[action].place === place && keys.includes(key.name)) return action
      }
    }
    return null
  }

  /** Such as `p pause`; empty where the user took its keys away. */
  hint(action: Action): string {
    const [key] = this.keysOf(action)
    return key === undefined ? '' : `${key} ${STRINGS.hints[action]}`
  }
}

export function actionNames(): readonly Action[] {
  // The keys of a constant object are the names of its type.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.keys(ACTIONS) as Action[]
}

export function isAction(name: string): name is Action {
  return Object.hasOwn(ACTIONS, name)
}

function keysAt(action: Action, keys: readonly string[]): readonly string[] {
  return keys.map((key) => `${ACTIONS[action].place} ${key}`)
}
