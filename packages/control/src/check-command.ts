/** Whether something that came from outside is a command. */
import { toDisplay } from '@pigeon/protocol/display'
import { Command, type Problem } from './contract.ts'
import { problem } from './problems.ts'

/** The command, or what is wrong with it and where. */
export function checkCommand(unchecked: unknown): Command | Problem {
  const parsed = Command.safeParse(unchecked)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = (issue?.path ?? []).map(String).join('.')
  const what = issue?.message ?? 'it is none of the known ones'
  return problem(
    'bad-command',
    // The checker's words repeat names that were sent.
    toDisplay(`The command is not valid${where === '' ? '' : ` at ${where}`}: ${what}`),
    'See docs/api.md for the form of every command.',
  )
}
