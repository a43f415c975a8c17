/** The nodes that one pigeon-web shows: each has a key in addresses, a name, and a control. */
import type { Control, Problem, Scope } from '@pigeon/control/contract'
import { toDisplay } from '@pigeon/protocol/display'

/** More are refused when the settings are read. */
export const MAX_NODES = 16

export interface ServedNode {
  /** In addresses: `/n/KEY/`. */
  readonly key: string
  /** Fit to show. */
  readonly name: string
  readonly control: Control
  /** Why it cannot be reached now; `null` while it can. */
  problem(): Problem | null
  /** What we may do with it: all, but where our token for another client's node may do less. */
  scope?(): Scope
}

/** What the page is told about a node. */
export interface NodeState {
  readonly key: string
  readonly name: string
  readonly problem: Problem | null
  readonly scope: Scope
}

export function stateOf(node: ServedNode): NodeState {
  const problem = node.problem()
  return {
    key: node.key,
    name: node.name,
    scope: node.scope?.() ?? 'full',
    problem:
      problem === null
        ? null
        : {
            code: problem.code,
            message: toDisplay(problem.message),
            help: toDisplay(problem.help),
          },
  }
}

/** A key for each name, in order: its letters and digits, with a number where two would be the same. */
export function keysOf(names: readonly string[]): readonly string[] {
  const keys: string[] = []
  for (const name of names) {
    const plain = name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 32)
    const wished = plain === '' ? 'node' : plain
    let key = wished
    for (let number = 2; keys.includes(key); number += 1) key = `${wished}-${number}`
    keys.push(key)
  }
  return keys
}
