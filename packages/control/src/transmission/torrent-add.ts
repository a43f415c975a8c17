/** `torrent-add`: a file, a magnet or an address. Files of the node's own machine are not read for anybody. */
import { torrentId } from '@pigeon/protocol/info-hash'
import { parseMagnet } from '@pigeon/protocol/magnet'
import { toDisplay } from '@pigeon/protocol/display'
import { z } from 'zod'
import { defined } from '../compat/defined.ts'
import type { Row } from '../compat/live-list.ts'
import { shownName } from '../compat/shown-name.ts'
import type { AddSource, Command, FilePriority, TorrentPreview } from '../contract.ts'
import { isProblem } from '../problems.ts'
import type { Remembered } from './remembered.ts'
import * as argument from './arguments.ts'
import {
  type Call,
  callerOf,
  method,
  type Outcome,
  outcomeOf,
  type Refused,
  refuse,
} from './outcome.ts'
import { asksForFiles, choicesOf, FILE_ARGUMENTS } from './torrent-files.ts'
import { LIMIT_ARGUMENTS, priorityOf } from './torrent-limits.ts'

/** Base64 of 32 MiB. */
const METAINFO_CHARACTERS = Math.ceil((32 * 1024 * 1024) / 3) * 4

const addable = z.object({
  bandwidth_priority: LIMIT_ARGUMENTS.bandwidth_priority,
  cookies: z.string().max(8_192).optional(),
  download_dir: argument.text.optional(),
  filename: z.string().max(8_192).optional(),
  labels: argument.labels.optional(),
  metainfo: z
    .string()
    .max(METAINFO_CHARACTERS + 1024)
    .optional(),
  paused: argument.flag.optional(),
  peer_limit: LIMIT_ARGUMENTS.peer_limit,
  sequential_download: argument.flag.optional(),
  ...FILE_ARGUMENTS,
})
type Asked = z.infer<typeof addable>

export const torrentAdd = method('add', addable, async (asked, call) => {
  const { list } = call.world
  if ((await list.session()) === null) return refuse('the node does not answer')
  const source = await sourceOf(asked, call)
  if ('words' in source) return source
  const choice = asksForFiles(asked) ? await filesOf(asked, source, call) : null
  if (choice !== null && 'words' in choice) return choice
  const command = addCommand(asked, source, choice, call.world.remembered)
  const result = await list.run(command, callerOf(call))
  const [id] = result.ids
  if (result.ok && id !== undefined) {
    const row = await list.refresh(id)
    const outcome = await setPriorities(id, choice, call)
    return outcome ?? told('torrent_added', row)
  }
  if (!result.ok && result.problem.code === 'already-added') {
    const known = await knownId(source, call)
    if (known !== null) return told('torrent_duplicate', await list.refresh(known))
  }
  if (!result.ok && UNREADABLE.has(result.problem.code)) {
    return refuse(`invalid or corrupt torrent file: ${result.problem.message}`)
  }
  return outcomeOf(result)
})

const UNREADABLE: ReadonlySet<string> = new Set(['bad-torrent', 'bad-magnet'])

function told(key: 'torrent_added' | 'torrent_duplicate', row: Row | null): Outcome {
  if (row === null) return refuse('the torrent was removed meanwhile')
  const { number, summary } = row
  return {
    ok: true,
    value: { [key]: { hash_string: summary.id, id: number, name: shownName(summary) } },
  }
}

async function sourceOf(asked: Asked, { world }: Call): Promise<AddSource | Refused> {
  if (asked.metainfo !== undefined && asked.metainfo !== '') {
    // Some clients break it into lines, some leave out what fills it up.
    const bare = asked.metainfo.replace(/[\s=]+/g, '')
    if (!/^[A-Za-z0-9+/]*$/.test(bare)) return refuse('invalid or corrupt torrent file: not base64')
    return { kind: 'metainfo', base64: bare.padEnd(Math.ceil(bare.length / 4) * 4, '=') }
  }
  const name = asked.filename?.trim() ?? ''
  if (name === '') return refuse('no filename or metainfo specified')
  if (/^magnet:/i.test(name)) return { kind: 'magnet', uri: name }
  if (/^[0-9a-f]{40}$/i.test(name)) return { kind: 'magnet', uri: `magnet:?xt=urn:btih:${name}` }
  if (!/^https?:\/\//i.test(name)) return refuse(NO_LOCAL_FILES)
  if ((asked.cookies ?? '') !== '')
    return refuse('cookies are not sent from here: fetch the file, then send it')
  const refused = await world.refuseUrl(name)
  if (refused !== null) return refuse(toDisplay(`${name} is not fetched: ${refused}`))
  return { kind: 'url', url: name }
}

const NO_LOCAL_FILES =
  'files on the machine of the node are not read: send the .torrent file itself (metainfo), a magnet or an address'

interface Choice {
  /** `null`: all. */
  readonly wantedFiles: readonly number[] | null
  readonly priorities: readonly FilePriority[]
}

/** Which files of the new torrent are wanted; of a magnet only `files-wanted` can say that. */
async function filesOf(asked: Asked, source: AddSource, call: Call): Promise<Choice | Refused> {
  if (source.kind === 'magnet') {
    const wanted = asked.files_wanted ?? []
    const others = [asked.files_unwanted, asked.priority_high, asked.priority_low]
    if (others.some((list) => list !== undefined && list.length > 0)) {
      return refuse('the files of a magnet are not known yet: add it, then choose them')
    }
    return { wantedFiles: wanted.length === 0 ? null : wanted, priorities: [] }
  }
  const preview = await call.world.list.control.preview(source, callerOf(call))
  if (isProblem(preview)) return refuse(`${preview.message} ${preview.help}`)
  const count = Math.max(0, ...preview.files.map(({ index }) => index + 1))
  const before = Array.from({ length: count }, (): FilePriority => 'normal')
  const choices = choicesOf(asked, before)
  if (typeof choices === 'number') return refuse(`there is no file ${choices}`)
  for (const { index, priority } of choices) before[index] = priority
  return { wantedFiles: wantedOf(preview, before), priorities: before }
}

function wantedOf(preview: TorrentPreview, priorities: readonly FilePriority[]): readonly number[] {
  return preview.files.map(({ index }) => index).filter((index) => priorities[index] !== 'skip')
}

function addCommand(
  asked: Asked,
  source: AddSource,
  choice: Choice | null,
  { startsAdded }: Remembered,
): Command {
  const wantedFiles = choice?.wantedFiles ?? undefined
  const limits = defined({
    maxPeers: asked.peer_limit,
    priority: priorityOf(asked.bandwidth_priority),
  })
  return {
    do: 'add',
    source,
    ...defined({
      folder: asked.download_dir === '' ? undefined : asked.download_dir,
      isPaused: asked.paused ?? (startsAdded ? undefined : true),
      isSequential: asked.sequential_download,
      tags: asked.labels?.map((label) => label.trim()).filter((label) => label !== ''),
      wantedFiles: wantedFiles === undefined ? undefined : [...wantedFiles],
      limits: Object.keys(limits).length === 0 ? undefined : limits,
    }),
  }
}

/** `add` itself knows only wanted and not. */
async function setPriorities(
  id: string,
  choice: Choice | null,
  call: Call,
): Promise<Refused | null> {
  const files = (choice?.priorities ?? []).flatMap((priority, index) =>
    priority === 'high' || priority === 'low' ? [{ index, priority }] : [],
  )
  if (files.length === 0) return null
  const outcome = outcomeOf(await call.world.list.run({ do: 'set-files', id, files }))
  return outcome.ok ? null : outcome
}

async function knownId(source: AddSource, call: Call): Promise<string | null> {
  if (source.kind === 'magnet') {
    const parsed = parseMagnet(source.uri)
    return parsed.ok ? torrentId(parsed.magnet.infoHashes) : null
  }
  const preview = await call.world.list.control.preview(source, callerOf(call))
  return isProblem(preview) ? null : preview.id
}
