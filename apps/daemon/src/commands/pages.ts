/** `pigeond man` and `pigeond completion`: what a package installs beside the program. */
import { completion, manPage, SHELLS } from '@pigeon/node/command-pages'
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { complain, type Surroundings } from './context.ts'

export function printManual(around: Surroundings, program: Command): ExitCode {
  around.say(manPage(program, MANUAL))
  return EXIT.ok
}

export function printCompletion(around: Surroundings, program: Command, shell: unknown): ExitCode {
  const known = SHELLS.find((each) => each === shell)
  if (known === undefined) {
    complain(around, `error: expected one of ${SHELLS.join(', ')}`)
    return EXIT.usage
  }
  around.say(completion(program, known))
  return EXIT.ok
}

const MANUAL = [
  {
    title: 'Settings',
    text: `A flag wins over a variable, that over the configuration file, that over the default. The file is $XDG_CONFIG_HOME/pigeon/pigeond.toml, or what --config or PIGEON_CONFIG names; pigeond never writes it.

Only the file sets on-complete-run, on-complete-webhook, on-complete-timeout, watch and feeds. "pigeond config show" prints every setting and where it comes from.`,
  },
  {
    title: 'Signals',
    text: `SIGTERM and SIGINT end it within 10 s: trackers are told, and what was verified is made durable. A second one ends it at once.

SIGHUP has the configuration file read again, without dropping a peer; what is wrong is said in the log, and the old settings stay. The log also says which settings need a restart.

SIGUSR1 writes numbers into the log.`,
  },
  {
    title: 'Exit status',
    text: '0 ended as asked; 1 failure; 2 wrong command line; 3 wrong setting; 4 address in use; 5 already running; 6 a folder cannot be used.',
  },
] as const
