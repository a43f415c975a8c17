/** The line above and the lines below the list: sums, what needs the user's eye, and the keys. */
import type { Problem, TorrentSummary } from '@pigeon/control/contract'
import { formatBytes, formatRate } from '@pigeon/control/units'
import { Box, Text } from 'ink'
import type { ReactElement } from 'react'
import stringWidth from 'string-width'
import { fitToCells, wrapToCells } from './cells.ts'
import type { NodeState } from './node-state.ts'

/** A text for the user; an error is shown so that it is seen. */
export interface Notice {
  readonly text: string
  readonly isError: boolean
}

export const HEADER_ROWS = 1
const MESSAGE_ROWS = 2
const KEY_ROWS = 1

export function Header({
  node,
  width,
}: {
  readonly node: NodeState
  readonly width: number
}): ReactElement {
  const { session } = node
  const left = ` ${session === null ? 'pigeon' : session.node}  `
  const right = fitParts(sums(node), width - stringWidth(left) - 1)
  const gap = Math.max(0, width - stringWidth(right) - 1)
  return <Text inverse>{fitToCells(`${fitToCells(left, gap)}${right} `, width)}</Text>
}

/** What matters most first. */
function sums({ session, torrents, offline }: NodeState): readonly string[] {
  if (session === null) return ['connecting']
  const count = `${torrents.length} ${torrents.length === 1 ? 'torrent' : 'torrents'}`
  const rates = [`down ${formatRate(session.downRate)}`, `up ${formatRate(session.upRate)}`]
  const free = session.freeBytes === null ? [] : [`free ${formatBytes(session.freeBytes)}`]
  return [...(offline === null ? [] : ['offline']), ...rates, count, ...free]
}

/** Leaves out from the end what does not fit. */
function fitParts(parts: readonly string[], cells: number): string {
  const kept = [...parts]
  while (kept.length > 0 && stringWidth(kept.join('  ')) > cells) kept.pop()
  return kept.join('  ')
}

/** The message's lines: as many as it needs, at most two, at least one. */
export function messageLines(notice: Notice, width: number): readonly string[] {
  return wrapToCells(notice.text, width, MESSAGE_ROWS)
}

export function footerRows(lines: readonly string[]): number {
  return lines.length + KEY_ROWS
}

export function Footer({
  lines,
  isError,
  isDetail,
  width,
}: {
  readonly lines: readonly string[]
  readonly isError: boolean
  readonly isDetail: boolean
  readonly width: number
}): ReactElement {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((line, index) => (
        <Text key={`${index}`} {...(isError ? { color: 'red' } : {})} wrap="truncate">
          {line === '' ? ' ' : line}
        </Text>
      ))}
      <Text dimColor wrap="truncate">
        {keyHints(isDetail, width)}
      </Text>
    </Box>
  )
}

/** How to get help and out stays; of the others, those that fit. */
function keyHints(isDetail: boolean, width: number): string {
  const always = isDetail ? '? help  Esc back' : '? help  q quit'
  const others = isDetail
    ? ['1-5 tabs', 'j k scroll', 'p pause', 'd remove', 'R recheck', 'r reannounce']
    : ['a add', 's share', 'Enter details', 'p pause', 'd remove', 'R recheck']
  const hints = fitParts(others, width - always.length - 2)
  return hints === '' ? always : `${hints}  ${always}`
}

export function problemNotice(problem: Problem): Notice {
  return { text: `${problem.message} ${problem.help}`.trim(), isError: true }
}

/** What needs the user's eye most: the line, then the last answer, then the selected torrent's problem. */
export function messageOf(
  node: NodeState,
  notice: Notice | null,
  torrent: TorrentSummary | undefined,
): Notice {
  if (node.offline !== null) return problemNotice(node.offline)
  if (notice !== null) return notice
  if (torrent !== undefined && torrent.problem !== null) return problemNotice(torrent.problem)
  if (node.session === null) return { text: '', isError: false }
  if (node.session.problem !== null) return problemNotice(node.session.problem)
  const { listening } = node.session
  const text =
    listening === null ? 'Not listening for peers' : `Listening for peers on ${listening}`
  return { text, isError: false }
}
