/** What may come next on a command line that is being typed. */
import type { Command } from 'commander'
import type { SessionSummary, TorrentSummary } from '@pigeon/control/contract'
import { FILTER_FIELDS } from '@pigeon/control/filter'
import { SORT_KEYS } from '@pigeon/control/sort'
import { lineProgram } from './line-program.ts'
import { LIST_COLUMNS } from './node-commands/list-columns.ts'
import { splitWords } from './words.ts'

export interface Completion {
  /** What the word may become. */
  readonly word: string
  /** What that is; may be empty. */
  readonly about: string
}

export interface CompletionContext {
  readonly torrents: readonly TorrentSummary[]
  readonly session: SessionSummary | null
  /** Further commands of whoever asks, such as `quit`. */
  readonly commands?: readonly Completion[]
}

/** Candidates of one answer: more would not be read. */
export const COMPLETION_LIMIT = 50

let tree: Command | null = null

/** What the last word may become; the words before it are done. */
export function completeWords(
  words: readonly string[],
  context: CompletionContext,
): readonly Completion[] {
  tree ??= lineProgram(() => Promise.resolve())
  const started = words.at(-1) ?? ''
  return candidates(tree, words.slice(0, -1), started, context)
    .filter(({ word }) => word.toLowerCase().startsWith(started.toLowerCase()) && word !== started)
    .slice(0, COMPLETION_LIMIT)
}

/** As `completeWords`, of a line as it is typed: `from` is where in it the word begins that is to be replaced. */
export function completeLine(
  line: string,
  context: CompletionContext,
): { readonly from: number; readonly candidates: readonly Completion[] } {
  const { words, lastAt } = splitWords(line)
  return { from: lastAt, candidates: completeWords(words, context) }
}

function candidates(
  program: Command,
  done: readonly string[],
  started: string,
  context: CompletionContext,
): readonly Completion[] {
  let command = program
  let places = 0
  let valueOf: string | null = null
  for (const word of done) {
    if (valueOf !== null) valueOf = null
    else if (word.startsWith('-')) valueOf = flagWithValue(command, word)
    else {
      const below = command.commands.find((each) => isNamed(each, word))
      if (below !== undefined && places === 0) command = below
      else if (command === program && word === 'help') return commandNames(program, context)
      else places += 1
    }
  }
  if (valueOf !== null) return valuesOf(valueOf, started, context)
  if (started.startsWith('-')) return flagsOf(command)
  if (command.commands.length > 0 && places === 0) return commandNames(command, context)
  const last = command.registeredArguments.at(-1)
  const argument =
    command.registeredArguments[places] ?? (last?.variadic === true ? last : undefined)
  return argument === undefined ? [] : valuesOf(argument.name(), started, context)
}

function isNamed(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word)
}

function commandNames(command: Command, context: CompletionContext): readonly Completion[] {
  const own = command.commands.map((each) => ({ word: each.name(), about: each.description() }))
  if (command.parent !== null) return own
  return [...own, ...(context.commands ?? []), { word: 'help', about: 'say more about a command' }]
}

function flagsOf(command: Command): readonly Completion[] {
  return command.options.flatMap((option) =>
    option.long === undefined || option.long === null
      ? []
      : [{ word: option.long, about: option.description }],
  )
}

/** The name of the flag whose value comes next; `null` when it takes none. */
function flagWithValue(command: Command, word: string): string | null {
  const option = command.options.find(({ long, short }) => long === word || short === word)
  if (option === undefined || !(option.required || option.optional)) return null
  return option.argChoices?.join('|') ?? option.attributeName()
}

const LISTS: Readonly<Record<string, readonly string[]>> = {
  stopAt: ['metadata'],
  files: ['all'],
  down: ['unlimited'],
  up: ['unlimited'],
  downLimit: ['unlimited'],
  upLimit: ['unlimited'],
  altDown: ['unlimited'],
  altUp: ['unlimited'],
  ratio: ['never', 'default'],
  seedTime: ['never', 'default'],
  idleTime: ['never', 'default'],
  schedule: ['none'],
}

function valuesOf(
  name: string,
  started: string,
  context: CompletionContext,
): readonly Completion[] {
  if (name.includes('|')) return name.split('|').map(plain)
  switch (name) {
    case 'torrent':
      return namesOf(context.torrents)
    case 'filter':
      return FILTER_FIELDS.map((field) => ({
        word: field.kind === 'flag' ? field.name : `${field.name}:`,
        about: field.description,
      }))
    case 'category':
      return (context.session?.categories ?? []).map((each) => plain(each.name))
    case 'tag':
    case 'tags':
      return afterComma(started, [...new Set(context.torrents.flatMap(({ tags }) => tags))].sort())
    case 'columns':
      return afterComma(started, LIST_COLUMNS)
    case 'sort':
      return afterComma(
        started,
        SORT_KEYS.flatMap((key) => [key, `-${key}`]),
      )
    case 'job':
      return (context.session?.jobs ?? []).map((job) => ({ word: job.id, about: job.path }))
    default:
      return (LISTS[name] ?? []).map(plain)
  }
}

function plain(word: string): Completion {
  return { word, about: '' }
}

/** By name; by id where the name would not say which. */
function namesOf(torrents: readonly TorrentSummary[]): readonly Completion[] {
  const counts = new Map<string, number>()
  for (const { name } of torrents) counts.set(name, (counts.get(name) ?? 0) + 1)
  return torrents.map(({ name, id, state }) => {
    if (name !== '' && counts.get(name) === 1) return { word: name, about: state }
    return { word: id, about: `${name} ${state}`.trim() }
  })
}

/** The last of several names with commas between. */
function afterComma(started: string, names: readonly string[]): readonly Completion[] {
  const before = started.slice(0, started.lastIndexOf(',') + 1)
  return names.map((name) => plain(`${before}${name}`))
}
