/** What the screen asks: what to add or share, and whether to remove. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { Box, Text, useInput } from 'ink'
import type { ReactElement, ReactNode } from 'react'
import { useState } from 'react'
import { cutToCells } from './cells.ts'
import { TextInput } from './text-input.tsx'

/** Rows that each dialog needs, its frame included. */
export const DIALOG_ROWS = { add: 5, share: 5, remove: 7, help: 14 } as const

interface DialogProps {
  readonly title: string
  readonly width: number
  readonly children: ReactNode
}

function Dialog({ title, width, children }: DialogProps): ReactElement {
  return (
    <Box flexDirection="column" flexShrink={0} borderStyle="round" width={width} paddingX={1}>
      <Text bold wrap="truncate">
        {title}
      </Text>
      {children}
    </Box>
  )
}

/** A frame and its padding, left and right. */
const FRAME_CELLS = 4

export interface AskDialogProps {
  readonly title: string
  readonly hint: string
  readonly width: number
  readonly initial: string
  readonly onAnswer: (text: string) => void
  readonly onCancel: () => void
}

/** Asks for one line of text. */
export function AskDialog(props: AskDialogProps): ReactElement {
  const { title, hint, width, initial, onAnswer, onCancel } = props
  return (
    <Dialog title={title} width={width}>
      <TextInput
        initial={initial}
        onSubmit={onAnswer}
        onCancel={onCancel}
        cells={width - FRAME_CELLS}
      />
      <Text dimColor wrap="truncate">
        {hint}
      </Text>
    </Dialog>
  )
}

export interface RemoveDialogProps {
  readonly width: number
  readonly torrent: TorrentSummary
  readonly onRemove: (deleteData: boolean) => void
  readonly onCancel: () => void
}

/** Deleting data is a question of its own, and never what Enter alone does. */
export function RemoveDialog(props: RemoveDialogProps): ReactElement {
  const { width, torrent, onRemove, onCancel } = props
  const [isSureAboutData, setIsSureAboutData] = useState(false)
  useInput((input, key) => {
    if (key.escape || input === 'n') onCancel()
    else if (isSureAboutData) {
      if (input === 'y') onRemove(true)
    } else if (input === 'y') onRemove(false)
    else if (input === 'D') setIsSureAboutData(true)
  })
  return (
    <Dialog
      title={isSureAboutData ? 'Delete its files from disk too?' : 'Remove from the list?'}
      width={width}
    >
      <Text>{cutToCells(nameOf(torrent), width - FRAME_CELLS)}</Text>
      {(isSureAboutData ? SURE_CHOICES : REMOVE_CHOICES).map(([key, meaning]) => (
        <Text key={key} wrap="truncate" {...(isSureAboutData ? { color: 'red' } : {})}>
          {`${key.padEnd(6)}${meaning}`}
        </Text>
      ))}
    </Dialog>
  )
}

const REMOVE_CHOICES = [
  ['y', 'remove it and keep its files'],
  ['D', 'delete its files from disk too (asks once more)'],
  ['Esc', 'go back'],
] as const

const SURE_CHOICES = [
  ['y', 'delete the files for good'],
  ['n Esc', 'go back, keep everything'],
  ['', ''],
] as const

export function nameOf(torrent: TorrentSummary): string {
  return torrent.name === '' ? torrent.id : torrent.name
}

const KEYS = [
  ['j k ↓ ↑', 'next, previous; PgDn PgUp, g G: by page, to the ends'],
  ['Enter', 'details; Esc or q goes back'],
  ['1-5 Tab', 'tabs of the details'],
  ['a', 'add a magnet link or a .torrent file; or paste it'],
  ['s', 'share a file or folder'],
  ['p', 'pause or resume'],
  ['R', 'check the files on disk again'],
  ['r', 'ask the trackers now'],
  ['d', 'remove; asks first'],
  ['?', 'this help'],
  ['q', 'leave; Ctrl-C leaves from anywhere'],
] as const

interface HelpDialogProps {
  readonly width: number
  readonly height: number
  readonly onClose: () => void
}

/** Without a frame, and cut, where there is no room. */
export function HelpDialog({ width, height, onClose }: HelpDialogProps): ReactElement {
  useInput(() => onClose())
  const isFramed = height >= DIALOG_ROWS.help
  const lines = KEYS.map(([keys, meaning]) => (
    <Text key={keys} wrap="truncate">
      {`${keys.padEnd(9)} ${meaning}`}
    </Text>
  ))
  if (!isFramed) {
    return (
      <Box flexDirection="column" height={height} overflow="hidden">
        {lines.slice(0, height)}
      </Box>
    )
  }
  return (
    <Dialog title="Keys (any key closes this)" width={width}>
      {lines}
    </Dialog>
  )
}
