/** `pigeon completion` and `pigeon man`: made from the commands as they are. */
import { completion, manPage, SHELLS } from '@pigeon/node/command-pages'
import type { Command } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'

export function printCompletion(program: Command, shell: string): ExitCode {
  const known = SHELLS.find((each) => each === shell)
  if (known === undefined) return EXIT.usage
  process.stdout.write(completion(program, known))
  return EXIT.ok
}

export function printManual(program: Command): ExitCode {
  process.stdout.write(manPage(program, SECTIONS))
  return EXIT.ok
}

const SECTIONS = [
  {
    title: 'Torrents',
    text: `Where a command takes a torrent, it may be named by the beginning of its id (4 characters at least), by its exact name, by #3 for its place in the queue, by all, or by a filter.

A filter such as 'progress<100 & tag:iso' means all torrents that it matches. A word that is no filter has to mean one torrent alone; else nothing is done, and those that it may mean are listed.`,
  },
  {
    title: 'Environment',
    text: `PIGEON_CONNECT: the address of the node that is meant.

PIGEON_PROFILE: the saved node that is meant.

PIGEON_TOKEN: the token of that node.

NO_COLOR: the screen uses no colours; commands never do.

XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR: where configuration, state and sockets are looked for.`,
  },
  {
    title: 'Files',
    text: `$XDG_CONFIG_HOME/pigeon/pigeon.toml: options of the node inside pigeon. Never written by pigeon.

$XDG_CONFIG_HOME/pigeon/profiles.toml: the saved nodes.

$XDG_STATE_HOME/pigeon/pigeon: what the node remembers.

$XDG_STATE_HOME/pigeon/pigeond/token: the token of the pigeond of this machine.`,
  },
  {
    title: 'Exit status',
    text: `0 done; 1 failed; 2 wrong usage or refused input; 3 wrong configuration; 4 the port is in use; 5 another pigeon uses the same state folder; 6 the disk is full, read-only or forbidden; 7 ended before the download was whole; 130 and 143 broken off by Ctrl-C or by a signal.`,
  },
] as const
