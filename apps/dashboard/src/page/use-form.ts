import type { Command, CommandResult } from '@pigeon/control/contract'
import { type FormEvent, useState } from 'react'
import { run } from './store.ts'

export interface FormFailure {
  readonly message: string
  readonly help: string
}

export interface FormRun {
  readonly isBusy: boolean
  readonly failure: FormFailure | null
  readonly setFailure: (failure: FormFailure | null) => void
  /** Runs what the form asks for, once at a time; what goes wrong is shown in the form. */
  readonly send: (command: Command) => Promise<CommandResult | null>
}

export function useForm(): FormRun {
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<FormFailure | null>(null)
  return {
    isBusy,
    failure,
    setFailure,
    send: async (command) => {
      if (isBusy) return null
      setBusy(true)
      setFailure(null)
      const result = await run(command)
      setBusy(false)
      if (!result.ok) setFailure(result.problem)
      return result
    },
  }
}

/** Of a form that the page answers itself. */
export function onSubmit(submit: () => void): (event: FormEvent) => void {
  return (event) => {
    event.preventDefault()
    submit()
  }
}
