/**
 * The commands that act on a node: their words, for shell, screen and line mode alike. What they do is loaded only when
 * one runs. Where a command takes torrents they come last, so that they can be left out where some are selected.
 */
import { Argument, type Command, Option } from 'commander'
import type { Given, NodeAction } from './around.ts'
import { addNetwork } from './tree-network.ts'

/** Who takes the words of a command, and what that one adds to them. */
export interface TreeHost {
  /** Whether some torrents are selected, so that commands may be given without any. */
  readonly hasSelection: boolean
  /** Adds the flags that say which node is meant. */
  readonly addFlags: (command: Command, node: NodeNeed) => void
  readonly perform: (given: Given, load: () => Promise<NodeAction>, node: NodeNeed) => Promise<void>
}

/** What a command acts on: a node that runs; where none does, one of its own for a moment; or none at all. */
export type NodeNeed = 'running' | 'running-or-own' | 'none'

export function addNodeCommands(program: Command, host: TreeHost): void {
  const make = maker(host)
  addLooking(program, make)
  addAdding(program, make)
  addRunning(program, make)
  addChanging(program, make)
  addGroups(program, make)
  addSession(program, make)
  addNetwork(program, make, host.hasSelection)
}

interface Words {
  /** Name and arguments, as commander takes them; `TORRENT` stands for `<torrent>`, `TORRENTS` for `<torrent...>`. */
  readonly words: string
  readonly about: string
  readonly examples?: readonly string[]
  readonly options?: readonly (readonly [flags: string, about: string, read?: Reader])[]
  /** A running one when absent. */
  readonly node?: NodeNeed
  readonly load: () => Promise<NodeAction>
}

type Reader = (
  value: string,
  before: readonly string[] | undefined,
) => readonly string[] | undefined
export type Make = (parent: Command, words: Words) => Command

function maker(host: TreeHost): Make {
  return (parent, { words, about, examples, options, node = 'running', load }) => {
    const [open, close] = host.hasSelection ? ['[', ']'] : ['<', '>']
    const [name = '', ...names] = words
      .replace('TORRENTS', `${open}torrent...${close}`)
      .replace('TORRENT', `${open}torrent${close}`)
      .split(' ')
    const command = parent.command(name)
    for (const each of names) command.addArgument(withChoices(new Argument(each), each))
    command.description(about)
    for (const [flags, text, read] of options ?? []) {
      const option = withChoices(new Option(flags, text), flags)
      command.addOption(read === undefined ? option : option.argParser(read))
    }
    command.option('--json', 'Print JSON, one object a line.')
    host.addFlags(command, node)
    if (examples !== undefined) command.addHelpText('after', exampleText(examples))
    return command.action(async () => {
      // An argument that was left out is undefined, one that may be repeated a list.
      const args: readonly unknown[] = command.processedArgs.flat()
      await host.perform(
        { args: args.filter((each) => typeof each === 'string'), flags: command.opts() },
        load,
        node,
      )
    })
  }
}

/** `<on|off>` takes those two alone. */
function withChoices<T extends Argument | Option>(of: T, text: string): T {
  const choices = /[<[]([^<[]*\|[^\]>]*)[\]>]/.exec(text)?.[1]
  if (choices !== undefined) of.choices(choices.split('|'))
  return of
}

function exampleText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

function addLooking(program: Command, make: Make): void {
  make(program, {
    words: 'list [filter...]',
    about: 'list the torrents, all or those that a filter matches',
    examples: [
      "pigeon list 'progress<100 & tag:iso' --sort -ratio,name",
      'pigeon list --columns name,state,down --json',
    ],
    options: [
      ['--sort <keys>', 'By these, such as -ratio,name; - turns one round.'],
      ['--columns <names>', 'Only these columns, with commas between.'],
      ['--limit <count>', 'At most so many.'],
    ],
    load: async () => (await import('./list.ts')).list,
  }).alias('ls')
  make(program, {
    words: 'show TORRENT',
    about: 'say all about a torrent',
    load: async () => (await import('./look.ts')).show,
  })
  make(program, {
    words: 'files TORRENT',
    about: 'list the files of a torrent, with their numbers and priorities',
    load: async () => (await import('./look.ts')).files,
  })
  make(program, {
    words: 'peers TORRENT',
    about: 'list the peers of a torrent',
    load: async () => (await import('./look.ts')).peers,
  })
  make(program, {
    words: 'trackers TORRENT',
    about: 'list the trackers of a torrent, and what they said',
    load: async () => (await import('./look.ts')).trackers,
  })
  make(program, {
    words: 'pieces TORRENT',
    about: 'show which pieces are here, and how rare the others are',
    load: async () => (await import('./look.ts')).pieces,
  })
  make(program, {
    words: 'log TORRENT',
    about: 'show what happened to a torrent',
    load: async () => (await import('./look.ts')).log,
  })
  make(program, {
    words: 'magnet TORRENTS',
    about: 'print the magnet links of torrents',
    load: async () => (await import('./look.ts')).magnet,
  })
  make(program, {
    words: 'metainfo TORRENT',
    about: 'save the .torrent file of a torrent',
    examples: ['pigeon metainfo debian -o debian.torrent'],
    options: [
      ['-o, --output <file>', 'Where to; - for stdout. Its name and .torrent when absent.'],
      ['--force', 'Replace the file if it is there.'],
    ],
    load: async () => (await import('./metainfo.ts')).metainfo,
  })
  make(program, {
    words: 'browse [folder]',
    about: "list a folder on the node's machine",
    load: async () => (await import('./browse.ts')).browse,
  })
  make(program, {
    words: 'watch [filter...]',
    about: 'print changes as they happen, one JSON object a line, until interrupted',
    examples: ["pigeon watch 'state:downloading' | jq .changed"],
    load: async () => (await import('./watch.ts')).watch,
  })
}

function addAdding(program: Command, make: Make): void {
  make(program, {
    words: 'add <what...>',
    about:
      'add magnets, info-hashes, .torrent files or their web addresses; - reads a file from stdin',
    examples: [
      'pigeon add debian.torrent --category linux --tag iso,big --paused',
      "pigeon add 'magnet:?xt=urn:btih:...' --stop-at metadata",
      'curl -s https://example.org/x.torrent | pigeon add -',
    ],
    options: [
      ['--folder <folder>', "Where to put it, on the node's machine."],
      ['--category <category>', 'Its category, which gives it folder and limits too.'],
      ['--tag <tags>', 'Its tags, with commas between. May be repeated.', collect],
      ['--paused', 'Do not begin yet.'],
      ['--files <files>', 'Fetch only these, such as 0,2-5 (see pigeon inspect).'],
      ['--sequential', 'Fetch the pieces in order.'],
      ['--stop-at <point>', '"metadata": pause a magnet once its files are known.'],
      ['--forced', 'Run it whatever the queue says.'],
      ['--first', 'At the top of the queue.'],
      ['--peer <address>', 'Try 192.0.2.7:6881, say, at once. May be repeated.', collect],
      ...LIMIT_OPTIONS,
    ],
    load: async () => (await import('./add.ts')).add,
  })
  make(program, {
    words: 'share <path>',
    about: "make a torrent of a file or folder on the node's machine, and seed it",
    options: [
      ['--tracker <url>', 'Announce there. May be repeated.', collect],
      ['--piece-length <size>', 'A power of two from 16 KiB on; chosen by size when absent.'],
      ['--private', 'Peers come from the trackers only (BEP 27).'],
      ['--comment <text>', 'A comment for whoever gets it.'],
      ['--category <category>', 'Its category.'],
      ['--tag <tags>', 'Its tags, with commas between. May be repeated.', collect],
    ],
    load: async () => (await import('./share.ts')).share,
  })
  make(program, {
    words: 'jobs',
    about: 'list what is being made into torrents',
    load: async () => (await import('./share.ts')).jobs,
  })
  make(program, {
    words: 'cancel <job>',
    about: 'break a job off',
    load: async () => (await import('./share.ts')).cancel,
  })
}

const LIMIT_OPTIONS = [
  ['--down <rate>', 'At most this fast, such as 500KiB; or unlimited.'],
  ['--up <rate>', 'Upload at most this fast; or unlimited.'],
  ['--ratio <ratio>', 'Seed until this ratio, such as 1.5; never, or default.'],
  ['--seed-time <time>', 'Seed for this long, such as 2d; never, or default.'],
  ['--idle-time <time>', 'Seed until nobody took a byte for so long; never, or default.'],
  ['--max-peers <count>', 'Connections at most; or default.'],
  ['--own-limits <on|off>', 'Whether its own limits alone count, not those of the session.'],
  ['--bandwidth <low|normal|high>', 'Who gets bandwidth first.'],
] as const

function addRunning(program: Command, make: Make): void {
  make(program, {
    words: 'pause TORRENTS',
    about: 'pause torrents',
    examples: ["pigeon pause 'ratio>2'", 'pigeon pause all'],
    load: async () => (await import('./run.ts')).pause,
  })
  make(program, {
    words: 'resume TORRENTS',
    about: 'resume torrents',
    options: [
      ['--force', 'Whatever the queue says.'],
      ['--no-force', 'In the queue again.'],
    ],
    load: async () => (await import('./run.ts')).resume,
  })
  make(program, {
    words: 'remove TORRENTS',
    about: 'take torrents off the list; their data stays',
    examples: ['pigeon remove debian', "pigeon remove 'tag:old' --data --yes"],
    options: [
      ['--data', 'Delete their data too. There is no way back.'],
      ['-y, --yes', 'Do not ask.'],
    ],
    load: async () => (await import('./run.ts')).remove,
  }).alias('rm')
  make(program, {
    words: 'recheck TORRENTS',
    about: 'check the data on disk again',
    load: async () => (await import('./run.ts')).recheck,
  })
  make(program, {
    words: 'reannounce TORRENTS',
    about: 'ask the trackers now',
    load: async () => (await import('./run.ts')).reannounce,
  })
  make(program, {
    words: 'queue <top|up|down|bottom> TORRENTS',
    about: 'move torrents in the queue',
    examples: ['pigeon queue top debian'],
    load: async () => (await import('./run.ts')).queue,
  })
}

function addChanging(program: Command, make: Make): void {
  make(program, {
    words: 'move <folder> TORRENTS',
    about: "move the data of torrents to another folder of the node's machine",
    examples: ["pigeon move /srv/films 'category:films'"],
    load: async () => (await import('./change.ts')).move,
  })
  make(program, {
    words: 'rename <name> TORRENT',
    about: 'rename a torrent and its topmost file or folder, or one within',
    examples: ['pigeon rename "Debian 12" debian', 'pigeon rename b.txt debian --path docs/a.txt'],
    options: [['--path <path>', 'The file or folder within, as "pigeon files" prints it.']],
    load: async () => (await import('./change.ts')).rename,
  })
  make(program, {
    words: 'limits TORRENTS',
    about: 'show the limits and goals of torrents, or change them',
    examples: ['pigeon limits debian --up 1MiB --ratio 2'],
    options: LIMIT_OPTIONS,
    load: async () => (await import('./limits.ts')).limits,
  })
  make(program, {
    words: 'priority <skip|low|normal|high> <files> TORRENT',
    about: 'say which files of a torrent are wanted, and how soon',
    examples: ['pigeon priority skip all debian', 'pigeon priority high 0,2-5 debian'],
    load: async () => (await import('./change.ts')).priority,
  })
  make(program, {
    words: 'sequential <on|off> TORRENTS',
    about: 'fetch pieces in order, or the rarest first',
    load: async () => (await import('./change.ts')).sequential,
  })
  make(program, {
    words: 'peer <address> TORRENT',
    about: 'try a peer at once, such as 192.0.2.7:6881',
    load: async () => (await import('./change.ts')).peer,
  })
}

function addGroups(program: Command, make: Make): void {
  const tag = program.command('tag').description('list, add or remove tags')
  make(tag, {
    words: 'list',
    about: 'list the tags, and how many torrents have each',
    load: async () => (await import('./groups.ts')).tagList,
  })
  make(tag, {
    words: 'add <tags> TORRENTS',
    about: 'add tags (with commas between) to torrents',
    examples: ["pigeon tag add iso,big 'name~debian'"],
    load: async () => (await import('./groups.ts')).tagAdd,
  })
  make(tag, {
    words: 'remove <tags> TORRENTS',
    about: 'take tags (with commas between) off torrents',
    load: async () => (await import('./groups.ts')).tagRemove,
  })
  const category = program.command('category').description('list, save, remove or set categories')
  make(category, {
    words: 'list',
    about: 'list the categories',
    load: async () => (await import('./groups.ts')).categoryList,
  })
  make(category, {
    words: 'save <category>',
    about: 'make a category, or change one; what is not said stays',
    examples: ['pigeon category save films --folder /srv/films --up 2MiB --ratio 2'],
    options: [
      ['--folder <folder>', "Where its new torrents go; none for the session's folder."],
      ['--down <rate>', 'All of it together at most this fast; or unlimited.'],
      ['--up <rate>', 'All of it together uploads at most this fast; or unlimited.'],
      ['--ratio <ratio>', 'Seed until this ratio; never, or default.'],
      ['--seed-time <time>', 'Seed for this long; never, or default.'],
    ],
    load: async () => (await import('./groups.ts')).categorySave,
  })
  make(category, {
    words: 'remove <category>',
    about: 'remove a category; its torrents stay',
    load: async () => (await import('./groups.ts')).categoryRemove,
  })
  make(category, {
    words: 'set <category> TORRENTS',
    about: 'put torrents into a category; none takes them out',
    load: async () => (await import('./groups.ts')).categorySet,
  })
  const tracker = program.command('tracker').description('add or remove trackers of torrents')
  make(tracker, {
    words: 'add <url> TORRENTS',
    about: 'add a tracker',
    options: [['--tier <number>', 'Into this tier, from 0; a new one when absent.']],
    load: async () => (await import('./groups.ts')).trackerAdd,
  })
  make(tracker, {
    words: 'remove <url> TORRENTS',
    about: 'remove a tracker',
    load: async () => (await import('./groups.ts')).trackerRemove,
  })
}

function addSession(program: Command, make: Make): void {
  make(program, {
    words: 'session',
    about: 'show the node and its limits, or change them',
    examples: [
      'pigeon session --down-limit 5MiB --alternative on',
      "pigeon session --schedule 'mon-fri 08:00-17:30' --alt-down 500KiB",
      'pigeon session --dht on --encryption require',
    ],
    options: [
      ['--down-limit <rate>', 'All together at most this fast; or unlimited.'],
      ['--up-limit <rate>', 'All together upload at most this fast; or unlimited.'],
      ['--alternative <on|off>', 'Whether the alternative limits hold now.'],
      ['--alt-down <rate>', 'The alternative limit of downloads.'],
      ['--alt-up <rate>', 'The alternative limit of uploads.'],
      ['--schedule <times>', 'When they hold, such as "mon-fri 08:00-17:30"; or none.'],
      ['--ratio-goal <ratio>', 'Seed until this ratio; or none.'],
      ['--seed-time-goal <time>', 'Seed for this long; or none.'],
      ['--idle-time-goal <time>', 'Seed until nobody took a byte for so long; or none.'],
      ['--max-active <count>', 'Torrents that download at the same time.'],
      ['--folder <folder>', 'Where new torrents go.'],
      ['--max-peers <count>', 'Connections of all torrents.'],
      ['--max-peers-per-torrent <count>', 'Connections of one torrent.'],
      ['--upload-slots <count>', 'Peers that are served at the same time.'],
      ['--dht <on|off>', 'Find peers without a tracker (BEP 5).'],
      ['--pex <on|off>', 'Exchange addresses of peers with peers (BEP 11).'],
      ['--lsd <on|off>', 'Find peers in the local network (BEP 14).'],
      ['--utp <on|off>', 'Reach peers over uTP (BEP 29).'],
      ['--webrtc <on|off>', 'Reach browsers over WebRTC.'],
      ['--encryption <off|prefer|require>', 'Whether connections with peers are encrypted.'],
      ['--port-mapping <on|off>', 'Ask the router to pass our port on.'],
      ['--anonymous <on|off>', 'Tell peers and trackers nothing about this client.'],
      ['--tracker <on|off>', 'The tracker for others, where the configuration says.'],
    ],
    load: async () => (await import('./session.ts')).session,
  })
  make(program, {
    words: 'shut-down',
    about: 'end the node, where its operator allows that',
    options: [['-y, --yes', 'Do not ask.']],
    load: async () => (await import('./session.ts')).shutDown,
  })
}
