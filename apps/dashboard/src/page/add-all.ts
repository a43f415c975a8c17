/** Adds one thing after the other; each that fails says why. */
import type { Command, CommandResult } from '@pigeon/control/contract'
import type { AddItem } from './add-items.ts'
import { run } from './store.ts'
import { unreadable } from './use-previews.ts'

type AddCommand = Extract<Command, { do: 'add' }>

export type AddOptions = Omit<AddCommand, 'do' | 'source'>

export interface AddFailure {
  readonly key: string
  readonly label: string
  readonly message: string
  readonly help: string
}

export interface Added {
  readonly ids: readonly string[]
  /** Of those whose files are to be chosen when they are known. */
  readonly waiting: readonly string[]
  readonly failures: readonly AddFailure[]
}

export async function addAll(
  items: readonly AddItem[],
  optionsFor: (item: AddItem) => AddOptions,
): Promise<Added> {
  const ids: string[] = []
  const waiting: string[] = []
  const failures: AddFailure[] = []
  for (const item of items) {
    const options = optionsFor(item)
    const result = await addOne(item, options)
    if (!result.ok) {
      const { message, help } = result.problem
      failures.push({ key: item.key, label: shorten(item.label), message, help })
      continue
    }
    ids.push(...result.ids)
    if (options.stopAt !== undefined) waiting.push(...result.ids)
  }
  return { ids, waiting, failures }
}

async function addOne(item: AddItem, options: AddOptions): Promise<CommandResult> {
  try {
    return await run({ do: 'add', source: await item.read(), ...options })
  } catch (error) {
    return { ok: false, problem: unreadable(item.label, error), ids: [] }
  }
}

function shorten(label: string): string {
  return label.length > 60 ? `${label.slice(0, 57)}…` : label
}
