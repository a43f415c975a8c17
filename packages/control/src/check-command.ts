/** Whether something that came from outside is a command. */
import { toDisplay } from '@pigeon/protocol/display'
import { Command, type Problem } from './contract.ts'
import { problem } from './problems.ts'

/** The command, or what is wrong with it and where. */
export function checkCommand(unchecked: unknown): Command | Problem {
  const parsed = Command.safeParse(unchecked)
  if (parsed.success) return isReadable(parsed.data) ? parsed.data : NOT_BASE64
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

function isReadable(command: Command): boolean {
  if (command.do !== 'add' || command.source.kind !== 'metainfo') return true
  const { base64 } = command.source
  return base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)
}

const NOT_BASE64 = problem(
  'bad-command',
  'The .torrent file in the command is not base64.',
  'Send the file as base64, or as it is to /api/v1/torrents.',
)
