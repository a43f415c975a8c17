/**
 * The full screen: a list, the details of one torrent, and the questions in between. All state that is not the node's
 * lives here.
 */
import type { Command, Control, Problem, TorrentSummary } from '@pigeon/control/contract'
import { formatBytes, formatRate } from '@pigeon/control/units'
import type { Key } from 'ink'
import { Box, Text, useApp, useInput, usePaste, useWindowSize } from 'ink'
import type { ReactElement } from 'react'
import { useEffect, useReducer, useState } from 'react'
import { cutToCells, fitToCells } from './cells.ts'
import type { Tab } from './detail-view.tsx'
import { DetailView, TABS } from './detail-view.tsx'
import { AddDialog, HelpDialog, RemoveDialog } from './dialogs.tsx'
import { EmptyList, ListView } from './list-view.tsx'
import type { NodeState } from './node-state.ts'
import { EMPTY_STATE, reduceUpdate } from './node-state.ts'
import { whatToAdd } from './what-to-add.ts'

type Dialog =
  | { readonly kind: 'add'; readonly text: string }
  | { readonly kind: 'remove' }
  | { readonly kind: 'help' }

interface Notice {
  readonly text: string
  readonly isError: boolean
}

const HEADER_ROWS = 1
const FOOTER_ROWS = 2
/** Rows that a dialog takes from the list. */
const DIALOG_ROWS = { add: 5, remove: 5, help: 13 } as const

export function App({ control }: { readonly control: Control }): ReactElement {
  const { exit } = useApp()
  const { columns: width, rows: height } = useWindowSize()
  const [node, update] = useReducer(reduceUpdate, EMPTY_STATE)
  const [selectedId, setSelectedId] = useState<string | null>(null)
  const [isDetail, setIsDetail] = useState(false)
  const [tab, setTab] = useState<Tab>('Overview')
  const [scroll, setScroll] = useState(0)
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const [notice, setNotice] = useState<Notice | null>(null)
  useEffect(() => control.watch(update), [control])

  const { torrents } = node
  const found = torrents.findIndex(({ id }) => id === selectedId)
  const selected = found >= 0 ? found : 0
  const torrent = torrents[selected]
  const body = height - HEADER_ROWS - FOOTER_ROWS

  const run = (command: Command, done: string): void => {
    void control.run(command).then((result) => {
      setNotice(result.ok ? { text: done, isError: false } : problemNotice(result.problem))
      if (result.ok && command.do === 'add') setSelectedId(result.ids[0] ?? null)
    })
  }
  const add = (text: string): void => {
    setDialog(null)
    void whatToAdd(text).then((source) => {
      if ('kind' in source) run({ do: 'add', source }, 'Added.')
      else setNotice(problemNotice(source))
    })
  }
  const select = (index: number): void => {
    const next = torrents[Math.max(0, Math.min(index, torrents.length - 1))]
    setSelectedId(next?.id ?? null)
    setScroll(0)
  }
  const moveBy = (rows: number): void => {
    if (isDetail) setScroll((before) => Math.max(0, before + rows))
    else select(selected + rows)
  }
  const goBack = (): void => {
    setIsDetail(false)
    setScroll(0)
  }
  const actOn = (one: TorrentSummary, letter: string): boolean => {
    const ids = [one.id]
    if (letter === 'p') {
      const isStopped = one.state === 'paused' || one.state === 'error'
      run({ do: isStopped ? 'resume' : 'pause', ids }, isStopped ? 'Resumed.' : 'Paused.')
    } else if (letter === 'R') run({ do: 'recheck', ids }, 'Checking what is on disk.')
    else if (letter === 'r') run({ do: 'reannounce', ids }, 'Asking the trackers.')
    else if (letter === 'd') setDialog({ kind: 'remove' })
    else return false
    return true
  }
  const onLetter = (letter: string): void => {
    if (torrent !== undefined && actOn(torrent, letter)) return
    if (letter === 'q') isDetail ? goBack() : exit()
    else if (letter === 'a') setDialog({ kind: 'add', text: '' })
    else if (letter === '?') setDialog({ kind: 'help' })
    else if (letter === 'j') moveBy(1)
    else if (letter === 'k') moveBy(-1)
    else if (letter === 'g') isDetail ? setScroll(0) : select(0)
    else if (letter === 'G') moveBy(torrents.length)
    else if (isDetail && /[1-5]/.test(letter)) {
      setTab(TABS[Number(letter) - 1] ?? 'Overview')
      setScroll(0)
    }
  }
  const onKey = (input: string, key: Key): void => {
    setNotice(null)
    if (key.escape) goBack()
    else if (key.return) setIsDetail(torrent !== undefined)
    else if (key.upArrow) moveBy(-1)
    else if (key.downArrow) moveBy(1)
    else if (key.pageUp) moveBy(-body)
    else if (key.pageDown) moveBy(body)
    else if (key.home) moveBy(-torrents.length)
    else if (key.end) moveBy(torrents.length)
    else if (key.tab && isDetail)
      setTab(TABS[(TABS.indexOf(tab) + (key.shift ? TABS.length - 1 : 1)) % TABS.length] ?? tab)
    // Fast typing comes as one chunk of several letters.
    else if (!key.ctrl && !key.meta) for (const letter of input) onLetter(letter)
  }
  useInput((input, key) => {
    if (key.ctrl && input === 'c') exit()
    else if (dialog === null) onKey(input, key)
  })
  usePaste((text) => setDialog({ kind: 'add', text: text.trim() }), { isActive: dialog === null })

  const dialogRows = dialog === null ? 0 : DIALOG_ROWS[dialog.kind]
  const viewRows = Math.max(2, body - dialogRows)
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Header node={node} width={width} />
      {isDetail && torrent !== undefined ? (
        <DetailView
          key={torrent.id}
          control={control}
          torrent={torrent}
          tab={tab}
          scroll={scroll}
          width={width}
          height={viewRows}
        />
      ) : torrents.length === 0 ? (
        <EmptyList height={viewRows} />
      ) : (
        <ListView torrents={torrents} selected={selected} width={width} height={viewRows} />
      )}
      {dialog?.kind === 'add' && (
        <AddDialog
          width={width}
          initial={dialog.text}
          onAdd={add}
          onCancel={() => setDialog(null)}
        />
      )}
      {dialog?.kind === 'remove' && torrent !== undefined && (
        <RemoveDialog
          width={width}
          torrent={torrent}
          onRemove={(deleteData) => {
            setDialog(null)
            goBack()
            run({ do: 'remove', ids: [torrent.id], deleteData }, 'Removed.')
          }}
          onCancel={() => setDialog(null)}
        />
      )}
      {dialog?.kind === 'help' && <HelpDialog width={width} onClose={() => setDialog(null)} />}
      <Footer node={node} notice={notice} torrent={torrent} isDetail={isDetail} width={width} />
    </Box>
  )
}

function problemNotice(problem: Problem): Notice {
  return { text: `${problem.message} ${problem.help}`, isError: true }
}

function Header({
  node,
  width,
}: {
  readonly node: NodeState
  readonly width: number
}): ReactElement {
  const { session, torrents } = node
  const left = session === null ? 'pigeon' : session.node
  const right =
    session === null
      ? 'connecting'
      : `${torrents.length} torrents  down ${formatRate(session.downRate)}  up ${formatRate(session.upRate)}  free ${formatBytes(session.freeBytes)}`
  const gap = Math.max(1, width - right.length)
  return <Text inverse>{fitToCells(fitToCells(` ${left}`, gap) + right, width)}</Text>
}

function Footer({
  node,
  notice,
  torrent,
  isDetail,
  width,
}: {
  readonly node: NodeState
  readonly notice: Notice | null
  readonly torrent: TorrentSummary | undefined
  readonly isDetail: boolean
  readonly width: number
}): ReactElement {
  const message = messageOf(node, notice, torrent)
  const keys = isDetail
    ? '1-5 tabs  j/k scroll  p pause  R recheck  r reannounce  d remove  Esc back  ? help'
    : 'a add  Enter details  p pause  d remove  R recheck  ? help  q quit'
  return (
    <Box flexDirection="column">
      <Text {...(message.isError ? { color: 'red' } : {})} wrap="truncate">
        {cutToCells(message.text, width)}
      </Text>
      <Text dimColor wrap="truncate">
        {cutToCells(keys, width)}
      </Text>
    </Box>
  )
}

/** What needs the user's eye most: the line, then the last answer, then the selected torrent's problem. */
function messageOf(
  node: NodeState,
  notice: Notice | null,
  torrent: TorrentSummary | undefined,
): Notice {
  if (node.offline !== null) return problemNotice(node.offline)
  if (notice !== null) return notice
  if (torrent !== undefined && torrent.problem !== null) return problemNotice(torrent.problem)
  if (node.session !== null && node.session.problem !== null)
    return problemNotice(node.session.problem)
  const listening = node.session?.listening
  return {
    text: typeof listening === 'string' ? `Peers reach us at ${listening}` : '',
    isError: false,
  }
}
