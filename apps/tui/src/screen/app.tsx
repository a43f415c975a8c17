/**
 * The full screen: a list, the details of one torrent, and the questions in between. All state that is not the node's
 * lives here.
 */
import type { Command, Control, TorrentSummary } from '@pigeon/control/contract'
import type { Key } from 'ink'
import { Box, useApp, useInput, usePaste, useWindowSize } from 'ink'
import type { ReactElement } from 'react'
import { useEffect, useReducer, useState } from 'react'
import { DetailView } from './detail-view.tsx'
import { AskDialog, DIALOG_ROWS, HelpDialog, RemoveDialog } from './dialogs.tsx'
import { EmptyList, ListView } from './list-view.tsx'
import { EMPTY_STATE, reduceUpdate } from './node-state.ts'
import type { Notice } from './status-lines.tsx'
import {
  Footer,
  footerRows,
  Header,
  HEADER_ROWS,
  messageLines,
  messageOf,
  problemNotice,
} from './status-lines.tsx'
import { useSelection } from './use-selection.ts'
import { pathOf, whatToAdd } from './what-to-add.ts'

type Dialog =
  | { readonly kind: 'add'; readonly text: string }
  | { readonly kind: 'share' }
  /** Of that one, whatever happens to the list meanwhile. */
  | { readonly kind: 'remove'; readonly torrent: TorrentSummary }
  | { readonly kind: 'help' }

export interface AppProps {
  readonly control: Control
  /** Whether the node runs on another machine, perhaps: paths are not ours to resolve then. */
  readonly isRemote: boolean
}

/** The list or the details keep at least this much beside a dialog; else the dialog takes their place. */
const LEAST_VIEW_ROWS = 3

export function App({ control, isRemote }: AppProps): ReactElement {
  const { exit } = useApp()
  const { columns: width, rows: height } = useWindowSize()
  const [node, update] = useReducer(reduceUpdate, EMPTY_STATE)
  const selection = useSelection(node.torrents)
  const [detailId, setDetailId] = useState<string | null>(null)
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const [notice, setNotice] = useState<Notice | null>(null)
  useEffect(() => control.watch(update), [control])
  const isOffline = node.offline !== null
  // What failed because the line was down is no news once it is up.
  useEffect(() => setNotice(null), [isOffline])

  const opened = node.torrents.find(({ id }) => id === detailId)
  const torrent = opened ?? selection.torrent
  const message = messageOf(node, notice, torrent)
  const lines = messageLines(message, width)
  const body = Math.max(1, height - HEADER_ROWS - footerRows(lines))

  const say = (text: string): void => setNotice({ text, isError: false })
  const run = (command: Command, done: string): void => {
    void control.run(command).then((result) => {
      if (!result.ok) return setNotice(problemNotice(result.problem))
      say(done)
      const [id] = result.ids
      if ((command.do === 'add' || command.do === 'share') && id !== undefined)
        selection.selectId(id)
    })
  }
  const add = (text: string): void => {
    setDialog(null)
    void whatToAdd(text).then((source) => {
      if ('kind' in source) run({ do: 'add', source }, 'Added.')
      else setNotice(problemNotice(source))
    })
  }
  const share = (text: string): void => {
    setDialog(null)
    if (text === '') return
    say('Making a torrent of it. Large files take a while.')
    run({ do: 'share', path: isRemote ? text : pathOf(text) }, 'Shared.')
  }
  const actOn = (one: TorrentSummary, letter: string): boolean => {
    const ids = [one.id]
    if (letter === 'p') {
      const isStopped = one.state === 'paused' || one.state === 'error'
      run({ do: isStopped ? 'resume' : 'pause', ids }, isStopped ? 'Resumed.' : 'Paused.')
    } else if (letter === 'R') run({ do: 'recheck', ids }, 'Checking what is on disk.')
    else if (letter === 'r') run({ do: 'reannounce', ids }, 'Asking the trackers.')
    else if (letter === 'd') setDialog({ kind: 'remove', torrent: one })
    else return false
    return true
  }
  const leave = (): void => {
    if (opened === undefined) exit()
    else setDetailId(null)
  }
  /** Answers whether it opened something, so that what was typed after it is not for us. */
  const onLetter = (letter: string, one: TorrentSummary | undefined): boolean => {
    if (one !== undefined && actOn(one, letter)) return letter === 'd'
    if (letter === 'q') leave()
    else if (letter === 'a') setDialog({ kind: 'add', text: '' })
    else if (letter === 's') setDialog({ kind: 'share' })
    else if (letter === '?') setDialog({ kind: 'help' })
    else if (letter === '\r') setDetailId(one?.id ?? null)
    else return false
    return true
  }
  /** Fast typing comes as one chunk of several letters. */
  const onLetters = (letters: string): void => {
    let { index } = selection
    for (const letter of letters) {
      const to = opened === undefined ? rowAfter(letter, index) : null
      if (to !== null) index = Math.max(0, Math.min(to, node.torrents.length - 1))
      else if (onLetter(letter, opened ?? node.torrents[index])) break
    }
    if (index !== selection.index) selection.selectIndex(index)
  }
  const onKey = (key: Key): boolean => {
    if (key.escape) setDetailId(null)
    else if (key.return) onLetter('\r', torrent)
    else if (opened !== undefined) return false
    else if (key.upArrow) selection.selectIndex(selection.index - 1)
    else if (key.downArrow) selection.selectIndex(selection.index + 1)
    else if (key.pageUp) selection.selectIndex(selection.index - body)
    else if (key.pageDown) selection.selectIndex(selection.index + body)
    else if (key.home) selection.selectIndex(0)
    else if (key.end) selection.selectIndex(node.torrents.length)
    else return false
    return true
  }
  useInput((input, key) => {
    if (key.ctrl && input === 'c') return exit()
    if (dialog !== null) return
    setNotice(null)
    if (onKey(key) || key.ctrl || key.meta) return
    onLetters(input)
  })
  usePaste((text) => setDialog({ kind: 'add', text }), { isActive: dialog === null })

  const close = (): void => setDialog(null)
  const dialogRows = dialog === null ? 0 : DIALOG_ROWS[dialog.kind]
  const viewRows = body - dialogRows < LEAST_VIEW_ROWS && dialog !== null ? 0 : body - dialogRows
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden">
      <Header node={node} width={width} />
      {viewRows === 0 ? null : opened !== undefined ? (
        <DetailView
          key={opened.id}
          control={control}
          torrent={opened}
          isActive={dialog === null}
          width={width}
          height={viewRows}
        />
      ) : node.torrents.length === 0 ? (
        <EmptyList isConnecting={node.session === null} width={width} height={viewRows} />
      ) : (
        <ListView
          torrents={node.torrents}
          selected={selection.index}
          width={width}
          height={viewRows}
        />
      )}
      {dialog?.kind === 'add' && (
        <AskDialog
          title="Add a magnet link, info-hash, or .torrent file"
          hint="Enter adds it, Esc goes back"
          width={width}
          initial={dialog.text}
          onAnswer={add}
          onCancel={close}
        />
      )}
      {dialog?.kind === 'share' && (
        <AskDialog
          title={
            isRemote ? "Share a file or folder on the node's machine" : 'Share a file or folder'
          }
          hint="Enter shares its path, Esc goes back"
          width={width}
          initial=""
          onAnswer={share}
          onCancel={close}
        />
      )}
      {dialog?.kind === 'remove' && (
        <RemoveDialog
          width={width}
          torrent={dialog.torrent}
          onRemove={(deleteData) => {
            close()
            setDetailId(null)
            const done = deleteData ? 'Removed, with its files.' : 'Removed. Its files are kept.'
            run({ do: 'remove', ids: [dialog.torrent.id], deleteData }, done)
          }}
          onCancel={close}
        />
      )}
      {dialog?.kind === 'help' && <HelpDialog width={width} height={body} onClose={close} />}
      {viewRows === 0 && <Box flexGrow={1} />}
      <Footer
        lines={lines}
        isError={message.isError}
        isDetail={opened !== undefined}
        width={width}
      />
    </Box>
  )
}

/** Where a letter leads in the list; `null` when it is not for moving. */
function rowAfter(letter: string, index: number): number | null {
  if (letter === 'j') return index + 1
  if (letter === 'k') return index - 1
  if (letter === 'g') return 0
  return letter === 'G' ? Number.MAX_SAFE_INTEGER : null
}
