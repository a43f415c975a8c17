/** What can be done with torrents that needs no form. */
import type { Command, TorrentSummary } from '@pigeon/control/contract'
import { getDetail, getMetainfo } from './api.ts'
import { copyText, saveBlob } from './hand-over.ts'
import { magnetOf } from './magnet-of.ts'
import { endSession, openDialog, runAndTell, tell, useStore } from './store.ts'
import { strings } from './strings.ts'

/** More files at once than this are no help to anybody. */
export const MAX_SAVED_FILES = 20

type Ids = readonly string[]

export function torrentsOf(ids: Ids): readonly TorrentSummary[] {
  const { torrents } = useStore.getState().feed
  return ids.flatMap((id) => torrents.get(id) ?? [])
}

export function isStopped(torrent: TorrentSummary): boolean {
  return torrent.state === 'paused' || torrent.state === 'error'
}

export function togglePause(torrent: TorrentSummary): void {
  toggleAll([torrent.id])
}

/** Pauses what runs; resumes only where nothing runs. */
export function toggleAll(ids: Ids): void {
  const isAllStopped = torrentsOf(ids).every(isStopped)
  void runAndTell({ do: isAllStopped ? 'resume' : 'pause', ids: [...ids] })
}

type PlainCommand = Extract<Command, { do: 'pause' | 'recheck' | 'reannounce' }>['do']

export function runFor(what: PlainCommand, ids: Ids): void {
  void runAndTell({ do: what, ids: [...ids] })
}

export function resume(ids: Ids, isForced?: boolean): void {
  void runAndTell({ do: 'resume', ids: [...ids], ...(isForced === undefined ? {} : { isForced }) })
}

export function setSequential(ids: Ids, isSequential: boolean): void {
  void runAndTell({ do: 'set-sequential', ids: [...ids], isSequential })
}

export function setCategory(ids: Ids, category: string | null): void {
  void runAndTell({ do: 'set-category', ids: [...ids], category })
}

export function moveInQueue(ids: Ids, to: 'top' | 'up' | 'down' | 'bottom'): void {
  const queued = torrentsOf(ids).filter((torrent) => torrent.queuePosition !== null)
  if (queued.length === 0) tell('bad', strings.actions.noQueue)
  else void runAndTell({ do: 'queue', ids: queued.map(({ id }) => id), to })
}

export function askToRename(ids: Ids): void {
  const [torrent, ...others] = torrentsOf(ids)
  if (torrent === undefined || others.length > 0) tell('bad', strings.actions.onlyOne)
  else if (!torrent.hasMetadata) tell('bad', strings.actions.noMetadata)
  else openDialog({ kind: 'rename', id: torrent.id })
}

/** The node's own links have the trackers in them; when one cannot be had, the short one does too. */
export async function copyMagnets(ids: Ids): Promise<void> {
  const links: string[] = []
  for (const torrent of torrentsOf(ids)) {
    const answer = links.length < MAX_SAVED_FILES ? await getDetail(torrent.id) : null
    const magnet = answer?.kind === 'ok' ? answer.value?.magnet : undefined
    links.push(magnet ?? magnetOf(torrent))
  }
  await copyText(links.join('\n'))
}

export async function copyNames(ids: Ids): Promise<void> {
  await copyText(
    torrentsOf(ids)
      .map(({ name }) => name)
      .join('\n'),
  )
}

export async function saveTorrentFiles(ids: Ids): Promise<void> {
  if (ids.length > MAX_SAVED_FILES) tell('bad', strings.actions.tooManyFiles(MAX_SAVED_FILES))
  else for (const torrent of torrentsOf(ids)) await saveTorrentFile(torrent)
}

export async function saveTorrentFile(torrent: TorrentSummary): Promise<void> {
  const answer = await getMetainfo(torrent.id)
  if (answer.kind === 'logged-out') endSession('ended')
  else if (answer.kind === 'problem') tell('bad', answer.problem.message, answer.problem.help)
  else if (answer.value === null)
    tell('bad', strings.failed.noMetainfo, strings.failed.noMetainfoHelp)
  else saveBlob(answer.value, `${torrent.name.slice(0, 100)}.torrent`)
}
