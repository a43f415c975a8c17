/** The commands that act on a node, as a program without a process. */
import { Command } from 'commander'
import { addNodeCommands, type TreeHost } from './node-commands/tree.ts'

/** The tree of the commands, for running, completing and describing them. */
export function lineProgram(
  perform: TreeHost['perform'],
  writeOut: (text: string) => void = () => {},
): Command {
  const program = new Command('pigeon')
    .usage('<command> [options]')
    .helpOption('-h, --help', 'Show this help.')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .helpCommand('help [command]', 'say more about a command')
    .configureOutput({ writeOut, writeErr: () => {}, outputError: () => {} })
    .exitOverride()
  addNodeCommands(program, { hasSelection: true, addFlags: () => {}, perform })
  return program
}
