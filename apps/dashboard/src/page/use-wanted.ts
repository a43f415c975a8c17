import { useEffect, useState } from 'react'
import type { Command } from '@pigeon/control/contract'
import { run, tell } from './store.ts'

type SessionCommand = Extract<Command, { do: 'set-session' }>

/** Without a word of the node for this long after it agreed, what it said before holds. */
const BELIEVE_MS = 3_000

export interface Wanted<Value> {
  /** What was asked for, until the node tells what is. */
  readonly shown: Value
  readonly isBusy: boolean
  readonly want: (value: Value, command: SessionCommand) => Promise<void>
}

/** A setting of the node that shows a change at once, and takes it back where the node refuses. */
export function useWanted<Value>(value: Value): Wanted<Value> {
  const [wanted, setWanted] = useState<{ readonly value: Value } | null>(null)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => setWanted(null), [value])
  useEffect(() => {
    if (wanted === null || isBusy) return undefined
    const timer = setTimeout(() => setWanted(null), BELIEVE_MS)
    return () => clearTimeout(timer)
  }, [wanted, isBusy])
  return {
    shown: wanted === null ? value : wanted.value,
    isBusy,
    want: async (next, command) => {
      setWanted({ value: next })
      setBusy(true)
      const result = await run(command)
      setBusy(false)
      if (result.ok) return
      setWanted(null)
      tell('bad', result.problem.message, result.problem.help)
    },
  }
}
