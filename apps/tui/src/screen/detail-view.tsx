/** One torrent, whole: overview, files, peers, trackers, log; asked for again each second while it is open. */
import type { Control, TorrentDetail, TorrentSummary } from '@pigeon/control/contract'
import type { Key } from 'ink'
import { Box, Text, useInput } from 'ink'
import type { ReactElement } from 'react'
import { useEffect, useState } from 'react'
import { fitToCells } from './cells.ts'
import type { Tab } from './detail-lines.ts'
import { headingOf, linesOf, TABS } from './detail-lines.ts'
import { nameOf } from './dialogs.tsx'

const POLL_MS = 1_000

export interface DetailViewProps {
  readonly control: Control
  readonly torrent: TorrentSummary
  /** Whether keys are for it. */
  readonly isActive: boolean
  readonly width: number
  readonly height: number
}

export function DetailView(props: DetailViewProps): ReactElement {
  const { control, torrent, isActive, width, height } = props
  const [tab, setTab] = useState<Tab>('Overview')
  const [scroll, setScroll] = useState(0)
  const detail = useDetail(control, torrent.id)
  const lines = detail === null ? ['Asking …'] : linesOf(detail, torrent, tab, width)
  const heading = lines.length === 0 || detail === null ? null : headingOf(detail, tab, width)
  const room = Math.max(1, height - (heading === null ? 2 : 3))
  const last = Math.max(0, lines.length - room)
  const first = Math.min(scroll, last)
  const scrollTo = (line: number): void => setScroll(Math.max(0, Math.min(line, last)))
  const open = (next: Tab | undefined): void => {
    if (next === undefined) return
    setTab(next)
    setScroll(0)
  }
  const onKey = (input: string, key: Key): void => {
    const step = key.shift ? TABS.length - 1 : 1
    if (key.tab) open(TABS[(TABS.indexOf(tab) + step) % TABS.length])
    else if (key.upArrow || input === 'k') scrollTo(first - 1)
    else if (key.downArrow || input === 'j') scrollTo(first + 1)
    else if (key.pageUp) scrollTo(first - room)
    else if (key.pageDown) scrollTo(first + room)
    else if (key.home || input === 'g') scrollTo(0)
    else if (key.end || input === 'G') scrollTo(last)
    else open(TABS[Number(/^[1-5]/.exec(input)?.[0] ?? 0) - 1])
  }
  useInput(onKey, { isActive })
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      <Text bold wrap="truncate">
        {fitToCells(nameOf(torrent), width)}
      </Text>
      <Text wrap="truncate">
        {TABS.map((name, index) => (
          <Text key={name} inverse={name === tab}>{` ${index + 1} ${name} `}</Text>
        ))}
      </Text>
      {heading !== null && (
        <Text dimColor wrap="truncate">
          {fitToCells(heading, width)}
        </Text>
      )}
      {lines.slice(first, first + room).map((line, index) => (
        <Text key={`${first + index}`} wrap="truncate">
          {fitToCells(line, width)}
        </Text>
      ))}
    </Box>
  )
}

function useDetail(control: Control, id: string): TorrentDetail | null {
  const [detail, setDetail] = useState<TorrentDetail | null>(null)
  useEffect(() => {
    let isCurrent = true
    const ask = (): void => {
      void control.detail(id).then((found) => {
        // Without an answer (the line is down) the last one stays.
        if (isCurrent && found !== null) setDetail(found)
      })
    }
    ask()
    const timer = setInterval(ask, POLL_MS)
    return () => {
      isCurrent = false
      clearInterval(timer)
    }
  }, [control, id])
  return detail
}
