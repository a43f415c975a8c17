/** The page's state: what the node told, where the page is, and what it asks of the user. */
import type { Command, CommandResult, Problem, Update } from '@pigeon/control/contract'
import { create } from 'zustand'
import { forgetKey, hasKey, runCommand } from './api.ts'
import { DEFAULT_VIEW, type ListView } from './list-view.ts'
import { parseRoute, pathOf, type Route } from './route.ts'
import { applyUpdate, EMPTY_FEED, type Feed } from './torrent-feed.ts'

/** More than this are not shown at once; the oldest goes. */
export const MAX_NOTICES = 4

export type Dialog =
  | { readonly kind: 'add'; readonly text: string; readonly files: readonly File[] }
  | { readonly kind: 'share' }
  | { readonly kind: 'remove'; readonly ids: readonly string[] }

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
  readonly route: Route
  readonly view: ListView
  readonly dialog: Dialog | null
  readonly notices: readonly Notice[]
}

export const useStore = create<PageState>()(() => ({
  feed: EMPTY_FEED,
  link: 'connecting',
  session: hasKey() ? 'in' : 'out',
  route: parseRoute(location.pathname),
  view: DEFAULT_VIEW,
  dialog: null,
  notices: [],
}))

const { getState, setState } = useStore

/** Takes an update in; answers whether it fitted. */
export function takeUpdate(update: Update): boolean {
  const feed = applyUpdate(getState().feed, update)
  if (feed === 'gap') return false
  setState({ feed })
  return true
}

export function setLink(link: PageState['link']): void {
  // While live updates flow, a new ticket is no news.
  if (getState().link !== link) setState({ link })
}

/** The server knows no session of ours (any more). */
export function endSession(session: 'out' | 'ended'): void {
  forgetKey()
  setState({ session, feed: EMPTY_FEED, dialog: null, notices: [] })
}

export function beginSession(): void {
  setState({ session: 'in' })
  navigate({ view: 'list' }, { replace: true })
}

export function navigate(route: Route, options: { readonly replace?: boolean } = {}): void {
  const path = pathOf(route)
  if (options.replace === true) history.replaceState(null, '', path)
  else if (path !== location.pathname) history.pushState(null, '', path)
  setState({ route })
}

export function followHistory(): () => void {
  const onPop = (): void => setState({ route: parseRoute(location.pathname) })
  addEventListener('popstate', onPop)
  return () => removeEventListener('popstate', onPop)
}

export function setView(view: Partial<ListView>): void {
  setState((state) => ({ view: { ...state.view, ...view } }))
}

export function openDialog(dialog: Dialog): void {
  setState({ dialog })
}

/** Opens the dialog for adding, or puts more into it when it is open. */
export function offerToAdd(text: string, files: readonly File[]): void {
  const { dialog } = getState()
  const before = dialog?.kind === 'add' ? dialog : { text: '', files: [] }
  setState({
    dialog: {
      kind: 'add',
      text: [before.text.trim(), text.trim()].filter(Boolean).join('\n'),
      files: [...before.files, ...files],
    },
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
}

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
