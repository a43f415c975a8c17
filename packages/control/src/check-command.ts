/** Whether something that came from outside is a command. */
import { Command, type Problem } from './contract.ts'
import { isProblem, problem } from './problems.ts'
import { readWith } from './read-with.ts'

/** The command, or what is wrong with it and where. */
export function checkCommand(unchecked: unknown): Command | Problem {
  const command = readWith(Command, unchecked, 'bad-command', 'The command')
  return isProblem(command) || isReadable(command) ? command : NOT_BASE64
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
