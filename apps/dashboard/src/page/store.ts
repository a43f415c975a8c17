/** The page's state: what the node told, and what the page asks of the user. Where it is stands in the address. */
import type { Command, CommandResult, Problem, Update } from '@pigeon/control/contract'
import { create } from 'zustand'
import { forgetKey, hasKey, type NodeState, runCommand } from './api.ts'
import { keepPlace, returnToPlace } from './navigation.ts'
import { type Preferences, readPreferences, writePreferences } from './preferences.ts'
import { keepExisting, NO_SELECTION, select, type SelectHow, type Selection } from './selection.ts'
import { type Language, languageOf } from './strings.ts'
import { EMPTY_FEED, type Feed, FeedBuffer } from './torrent-feed.ts'

/** More than this are not shown at once; the oldest goes. */
export const MAX_NOTICES = 4

export type Dialog =
  | { readonly kind: 'add'; readonly text: string; readonly files: readonly File[] }
  | { readonly kind: 'share' }
  | { readonly kind: 'remove'; readonly ids: readonly string[]; readonly deleteData: boolean }
  | {
      readonly kind: 'move' | 'tags' | 'limits' | 'category'
      readonly ids: readonly string[]
    }
  | { readonly kind: 'rename'; readonly id: string }
  /** Of magnets that were added to choose their files. */
  | { readonly kind: 'choose-files'; readonly ids: readonly string[] }
  | { readonly kind: 'filters' | 'shortcuts' | 'filter-help' }

export interface Notice {
  readonly id: number
  readonly tone: 'good' | 'bad'
  readonly message: string
  readonly help: string
}

export interface PageState {
  readonly feed: Feed
  readonly link: 'connecting' | 'live' | 'offline'
  readonly session: 'unknown' | 'in' | 'out' | 'ended'
  /** All that this server shows, the first one first; empty while that is not known. */
  readonly nodes: readonly NodeState[]
  readonly selection: Selection
  readonly preferences: Preferences
  /** Of the texts on the screen: the whole page is drawn anew with another. */
  readonly language: Language
  readonly dialog: Dialog | null
  readonly notices: readonly Notice[]
}

export const useStore = create<PageState>()(() => ({
  feed: EMPTY_FEED,
  link: 'connecting',
  session: hasKey() ? 'in' : 'out',
  nodes: [],
  selection: NO_SELECTION,
  preferences: readPreferences(),
  language: readPreferences().language ?? languageOf(navigator.languages),
  dialog: null,
  notices: [],
}))

const { getState, setState } = useStore

let buffer = new FeedBuffer()
let isShowingSoon = false

/** Takes an update in; answers whether it fitted. What came within one frame is shown at once. */
export function takeUpdate(update: Update): boolean {
  if (!buffer.take(update)) return false
  if (getState().feed.number === null || document.hidden) showFeed()
  else if (!isShowingSoon) {
    isShowingSoon = true
    requestAnimationFrame(showFeed)
  }
  return true
}

function showFeed(): void {
  isShowingSoon = false
  const feed = buffer.read()
  setState(({ selection }) => ({ feed, selection: keepExisting(selection, feed.torrents) }))
}

export function setNodes(nodes: readonly NodeState[]): void {
  setState({ nodes })
}

export function setLink(link: PageState['link']): void {
  // While live updates flow, a new ticket is no news.
  if (getState().link !== link) setState({ link })
}

/**
 * The server knows no session of ours (any more). One that ended by itself leaves everything as it is: the way in is
 * shown over it, and after that the page goes on from there.
 */
export function endSession(session: 'out' | 'ended'): void {
  forgetKey()
  buffer = new FeedBuffer()
  if (session === 'ended') {
    keepPlace()
    setState({ session, link: 'offline', notices: [] })
  } else setState({ session, feed: EMPTY_FEED, selection: NO_SELECTION, dialog: null, notices: [] })
}

export function beginSession(): void {
  returnToPlace()
  setState({ session: 'in' })
}

/** Another tab has logged in or out: the session is the browser's. */
export function followSession(): () => void {
  const onStorage = (): void => {
    const { session } = getState()
    if (hasKey() && session !== 'in') beginSession()
    else if (!hasKey() && session === 'in') endSession('ended')
  }
  addEventListener('storage', onStorage)
  return () => removeEventListener('storage', onStorage)
}

export function selectTorrent(shown: readonly string[], id: string, how: SelectHow): void {
  setState(({ selection }) => ({ selection: select(selection, shown, id, how) }))
}

export function selectAll(ids: readonly string[]): void {
  setState(({ selection }) => ({ selection: { ...selection, ids: new Set(ids) } }))
}

export function clearSelection(): void {
  setState(({ selection }) => ({ selection: { ...selection, ids: new Set(), anchor: null } }))
}

export function setPreferences(fields: Partial<Preferences>): void {
  const preferences = { ...getState().preferences, ...fields }
  writePreferences(preferences)
  setState({ preferences })
}

/** What was told before is taken away: it would lie over the buttons of the dialog. */
export function openDialog(dialog: Dialog): void {
  setState((before) => ({ dialog, notices: before.dialog === null ? [] : before.notices }))
}

/** Opens the dialog for adding, or puts more into it when it is open. */
export function offerToAdd(text: string, files: readonly File[]): void {
  const { dialog } = getState()
  const before = dialog?.kind === 'add' ? dialog : { text: '', files: [] }
  openDialog({
    kind: 'add',
    text: [before.text.trim(), text.trim()].filter(Boolean).join('\n'),
    files: [...before.files, ...files],
  })
}

export function closeDialog(): void {
  setState({ dialog: null })
}

let lastNoticeId = 0

export function tell(tone: Notice['tone'], message: string, help = ''): void {
  lastNoticeId += 1
  const notice = { id: lastNoticeId, tone, message, help }
  setState((state) => ({ notices: [...state.notices, notice].slice(-MAX_NOTICES) }))
  if (tone === 'good') setTimeout(() => dismissNotice(notice.id), GOOD_NOTICE_MS)
}

/** Good news need no answer. */
const GOOD_NOTICE_MS = 6_000

export function dismissNotice(id: number): void {
  setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }))
}

/** Runs a command; a lost session or line becomes a result like any other, so that callers show it in place. */
export async function run(command: Command): Promise<CommandResult> {
  const answer = await runCommand(command)
  if (answer.kind === 'ok') return answer.value
  if (answer.kind === 'problem') return { ok: false, problem: answer.problem, ids: [] }
  endSession('ended')
  return { ok: false, problem: LOGGED_OUT, ids: [] }
}

/** Runs a command that has no form of its own: what goes wrong is told as a notice. */
export async function runAndTell(command: Command): Promise<void> {
  const result = await run(command)
  if (!result.ok) tell('bad', result.problem.message, result.problem.help)
}

const LOGGED_OUT: Problem = { code: 'logged-out', message: '', help: '' }
