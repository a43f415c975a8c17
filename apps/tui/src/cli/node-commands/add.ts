/** `pigeon add`: magnets, .torrent files and web addresses. */
import type { AddSource, Command, CommandResult, Problem } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import { toDisplay } from '@pigeon/protocol/display'
import { whatToAdd } from '../../screen/what-to-add.ts'
import { jsonLine } from '../output.ts'
import { type Around, type Given, hasFlag, type NodeAction, textFlag, textFlags } from './around.ts'
import { badValue, namesIn, type Read, readIndexes, readLimits } from './values.ts'

type AddCommand = Extract<Command, { do: 'add' }>
type AddOptions = Omit<AddCommand, 'do' | 'source'>

/** Adds each in turn. What cannot be added is said, the others still are; answers the last that was refused. */
export const add: NodeAction = async (around, given) => {
  const options = optionsOf(given)
  if (isProblem(options)) return options
  if (options.value.wantedFiles !== undefined && given.args.length > 1) return FILES_OF_ONE
  let failed: Problem | null = null
  for (const what of given.args) {
    const source = await sourceOf(around, what)
    const result: CommandResult = isProblem(source)
      ? { ok: false, problem: source, ids: [] }
      : await around.control.run({ do: 'add', source, ...options.value })
    if (hasFlag(given, 'json')) around.print(jsonLine(result))
    else if (result.ok) around.print(`Added ${result.ids.join(', ')}.`)
    if (result.ok) continue
    // The last is told by whoever called.
    if (failed !== null) around.note(`${failed.message} ${failed.help}`)
    failed = named(result.problem, what, given.args.length)
  }
  return failed
}

function named(of: Problem, what: string, count: number): Problem {
  return count === 1 ? of : { ...of, message: `${toDisplay(what, 80)}: ${of.message}` }
}

async function sourceOf(around: Around, what: string): Promise<AddSource | Problem> {
  if (what !== '-') return whatToAdd(what)
  const bytes = await around.readInput()
  if (!(bytes instanceof Uint8Array)) return bytes
  const text = Buffer.from(bytes.subarray(0, 8192)).toString('latin1').trim()
  if (/^(magnet:|https?:\/\/)/i.test(text)) return whatToAdd(text)
  return { kind: 'metainfo', base64: Buffer.from(bytes).toString('base64') }
}

function optionsOf(given: Given): Read<AddOptions> {
  const limits = readLimits(given)
  if (isProblem(limits)) return limits
  const files = textFlag(given, 'files')
  const wanted = files === undefined ? null : readIndexes(files)
  if (wanted !== null && isProblem(wanted)) return wanted
  const stopAt = textFlag(given, 'stopAt')
  if (stopAt !== undefined && stopAt !== 'metadata') return badValue(stopAt, '--stop-at metadata')
  const tags = namesIn(textFlags(given, 'tag') ?? [])
  const peers = textFlags(given, 'peer') ?? []
  const [folder, category] = [textFlag(given, 'folder'), textFlag(given, 'category')]
  return {
    value: {
      ...(folder === undefined ? {} : { folder }),
      ...(category === undefined ? {} : { category }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(peers.length === 0 ? {} : { peers: [...peers] }),
      ...(wanted === null ? {} : { wantedFiles: wanted.value }),
      ...(stopAt === undefined ? {} : { stopAt }),
      ...(hasFlag(given, 'paused') ? { isPaused: true } : {}),
      ...(hasFlag(given, 'sequential') ? { isSequential: true } : {}),
      ...(hasFlag(given, 'forced') ? { isForced: true } : {}),
      ...(hasFlag(given, 'first') ? { isFirst: true } : {}),
      ...(Object.keys(limits.value).length === 0 ? {} : { limits: limits.value }),
    },
  }
}

const FILES_OF_ONE = problem(
  'usage',
  '--files is for one torrent: each has files of its own.',
  'Add them one by one.',
)
