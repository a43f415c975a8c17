/** The list of torrents: only the rows that fit are laid out. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { Box, Text } from 'ink'
import type { ReactElement } from 'react'
import { wrapToCells } from './cells.ts'
import { headerRow, torrentRow } from './columns.ts'

export interface ListViewProps {
  readonly torrents: readonly TorrentSummary[]
  readonly selected: number
  readonly width: number
  readonly height: number
}

export function ListView({ torrents, selected, width, height }: ListViewProps): ReactElement {
  const rows = Math.max(1, height - 1)
  const first = firstVisible(selected, torrents.length, rows)
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      <Text bold wrap="truncate">
        {headerRow(width)}
      </Text>
      {torrents.slice(first, first + rows).map((torrent, offset) => (
        <Row
          key={torrent.id}
          torrent={torrent}
          isSelected={first + offset === selected}
          width={width}
        />
      ))}
    </Box>
  )
}

/** Keeps the selected row in the middle where that is possible. */
function firstVisible(selected: number, count: number, rows: number): number {
  return Math.max(0, Math.min(selected - Math.floor(rows / 2), count - rows))
}

function Row({
  torrent,
  isSelected,
  width,
}: {
  readonly torrent: TorrentSummary
  readonly isSelected: boolean
  readonly width: number
}): ReactElement {
  const color = COLORS[torrent.state]
  return (
    <Text inverse={isSelected} wrap="truncate" {...(color === undefined ? {} : { color })}>
      {torrentRow(torrent, width)}
    </Text>
  )
}

const COLORS: { readonly [S in TorrentSummary['state']]?: string } = {
  downloading: 'cyan',
  metadata: 'cyan',
  checking: 'yellow',
  moving: 'yellow',
  seeding: 'green',
  error: 'red',
}

export interface EmptyListProps {
  /** Whether it is not known yet that there is nothing. */
  readonly isConnecting: boolean
  readonly width: number
  readonly height: number
}

export function EmptyList({ isConnecting, width, height }: EmptyListProps): ReactElement {
  const hints = wrapToCells(EMPTY_HINT, width, 3)
  return (
    <Box
      height={height}
      overflow="hidden"
      flexDirection="column"
      alignItems="center"
      justifyContent="center"
    >
      <Text bold>{isConnecting ? 'Connecting …' : 'Nothing here yet.'}</Text>
      {isConnecting ? null : hints.map((line) => <Text key={line}>{line}</Text>)}
    </Box>
  )
}

const EMPTY_HINT =
  'Press a to add a magnet link or a .torrent file (or paste one), s to share a file or folder.'
