/** The commands about this client itself: its profiles, its manual, and its place on the desktop. */
import { Argument, type Command } from 'commander'
import type { ExitCode } from './exit-codes.ts'

type Finish = (exitCode: ExitCode) => void

export function addLocalCommands(program: Command, finish: Finish): void {
  addProfile(program, finish)
  addPages(program, finish)
  program
    .command('install-handler')
    .description('open magnet links of this desktop with pigeon')
    .option('-y, --yes', 'Do not ask.')
    .option('--print', 'Only print the .desktop file.')
    .action(async (flags: { yes?: boolean; print?: boolean }) => {
      const { installHandler } = await import('./install-handler.ts')
      finish(await installHandler(flags))
    })
}

function addProfile(program: Command, finish: Finish): void {
  const profile = program.command('profile').description('save nodes under names')
  profile
    .command('add')
    .description('save a node, or save it anew')
    .argument('<name>', 'such as home')
    .argument('<address>', 'http(s) address, or path of a unix socket')
    .option('--token-file <file>', 'A file that holds its token.')
    .option('--token <token>', 'Its token; - reads it from stdin, where others cannot see it.')
    .option('--default', 'Use it where no other node is named.')
    .addHelpText('after', PROFILE_EXAMPLES)
    .action(async (name: string, address: string, flags: ProfileFlags) => {
      const { addProfile: add } = await import('./profile.ts')
      finish(await add(name, address, flags))
    })
  profile
    .command('list')
    .description('list the saved nodes')
    .option('--json', 'Print one JSON object a line.')
    .action(async (flags: { json?: boolean }) => {
      const { listProfiles } = await import('./profile.ts')
      finish(await listProfiles(flags.json === true))
    })
  profile
    .command('remove')
    .description('forget a saved node')
    .argument('<name>')
    .action(async (name: string) => {
      const { removeProfile } = await import('./profile.ts')
      finish(await removeProfile(name))
    })
  profile
    .command('default')
    .description('say which node is meant where none is named')
    .argument('<name>', 'none for the pigeond of this machine')
    .action(async (name: string) => {
      const { defaultProfile } = await import('./profile.ts')
      finish(await defaultProfile(name))
    })
}

export interface ProfileFlags {
  readonly tokenFile?: string
  readonly token?: string
  readonly default?: boolean
}

const PROFILE_EXAMPLES = `
Examples:
  pigeon profile add home http://192.168.1.5:9191 --token-file ~/home.token
  ssh nas pigeond token --show | pigeon profile add nas http://nas:9191 --token -
  pigeon --profile home list`

function addPages(program: Command, finish: Finish): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(
      new Argument('<shell>', 'the shell that reads it').choices(['bash', 'zsh', 'fish']),
    )
    .addHelpText('after', COMPLETION_EXAMPLES)
    .action(async (shell: string) => {
      const { printCompletion } = await import('./pages.ts')
      finish(printCompletion(program, shell))
    })
  program
    .command('man')
    .description('print the manual page')
    .addHelpText('after', '\nExample:\n  pigeon man | man -l -')
    .action(async () => {
      const { printManual } = await import('./pages.ts')
      finish(printManual(program))
    })
}

const COMPLETION_EXAMPLES = `
Examples:
  pigeon completion bash > ~/.local/share/bash-completion/completions/pigeon
  pigeon completion zsh > "\${fpath[1]}/_pigeon"
  pigeon completion fish > ~/.config/fish/completions/pigeon.fish`
