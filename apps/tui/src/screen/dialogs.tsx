/** What the screen asks: what to add, and whether to remove. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { Box, Text, useInput } from 'ink'
import type { ReactElement, ReactNode } from 'react'
import { useState } from 'react'
import { cutToCells } from './cells.ts'
import { TextInput } from './text-input.tsx'

function Dialog({
  title,
  width,
  children,
}: {
  readonly title: string
  readonly width: number
  readonly children: ReactNode
}): ReactElement {
  return (
    <Box flexDirection="column" borderStyle="round" width={width} paddingX={1}>
      <Text bold>{title}</Text>
      {children}
    </Box>
  )
}

export function AddDialog({
  width,
  initial,
  onAdd,
  onCancel,
}: {
  readonly width: number
  readonly initial: string
  readonly onAdd: (text: string) => void
  readonly onCancel: () => void
}): ReactElement {
  const [text, setText] = useState(initial)
  return (
    <Dialog title="Add a magnet link, an info-hash, or the path of a .torrent file" width={width}>
      <TextInput
        value={text}
        onChange={setText}
        onSubmit={() => onAdd(text.trim())}
        onCancel={onCancel}
        cells={width - 6}
      />
      <Text dimColor>Enter adds it, Esc goes back</Text>
    </Dialog>
  )
}

/** Removing data is a question of its own, and never what Enter alone does. */
export function RemoveDialog({
  width,
  torrent,
  onRemove,
  onCancel,
}: {
  readonly width: number
  readonly torrent: TorrentSummary
  readonly onRemove: (deleteData: boolean) => void
  readonly onCancel: () => void
}): ReactElement {
  const [isSureAboutData, setIsSureAboutData] = useState(false)
  useInput((input, key) => {
    if (key.escape || input === 'n') onCancel()
    else if (isSureAboutData) {
      if (input === 'y') onRemove(true)
    } else if (input === 'y' || key.return) onRemove(false)
    else if (input === 'D') setIsSureAboutData(true)
  })
  const name = cutToCells(torrent.name === '' ? torrent.id : torrent.name, width - 6)
  return (
    <Dialog
      title={isSureAboutData ? 'Delete its files from disk too?' : 'Remove from the list?'}
      width={width}
    >
      <Text>{name}</Text>
      {isSureAboutData ? (
        <Text color="red">y deletes the files for good, n or Esc keeps everything</Text>
      ) : (
        <Text dimColor>
          y removes it and keeps its files, D deletes the files too, Esc goes back
        </Text>
      )}
    </Dialog>
  )
}

const KEYS: readonly (readonly [string, string])[] = [
  ['j k ↓ ↑', 'next, previous; PgDn PgUp, g G for a page, the ends'],
  ['Enter', 'details; Esc or q goes back'],
  ['1-5 Tab', 'tabs of the details'],
  ['a', 'add a magnet link or a .torrent file; pasting one does the same'],
  ['p', 'pause or resume'],
  ['R', 'check the files on disk again'],
  ['r', 'ask the trackers now'],
  ['d', 'remove; asks first'],
  ['?', 'this help'],
  ['q', 'leave; Ctrl-C leaves from anywhere'],
]

export function HelpDialog({
  width,
  onClose,
}: {
  readonly width: number
  readonly onClose: () => void
}): ReactElement {
  useInput(() => onClose())
  return (
    <Dialog title="Keys" width={width}>
      {KEYS.map(([keys, meaning]) => (
        <Text key={keys} wrap="truncate">
          {`${keys.padEnd(10)} ${meaning}`}
        </Text>
      ))}
    </Dialog>
  )
}
