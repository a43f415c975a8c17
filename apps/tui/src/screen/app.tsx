/** Puts the screen on a terminal: its lines as text, the terminal's keys as keys. */
import { Box, Text, useApp, useInput, usePaste, useStdout, useWindowSize } from 'ink'
import { memo, type ReactElement, useEffect, useReducer } from 'react'
import { toAscii } from './ascii.ts'
import { keysOf, mouseOf } from './keys.ts'
import type { Line } from './lines.ts'
import type { Screen } from './screen.ts'
import { type Look, type Theme, THEMES } from './theme.ts'

export interface AppProps {
  readonly screen: Screen
  readonly theme?: Theme
  readonly isAscii?: boolean
  /** Stops the process as Ctrl-Z does, once the terminal is left. */
  readonly onSuspend?: () => void | Promise<void>
}

export function App({ screen, theme, isAscii = false, onSuspend }: AppProps): ReactElement {
  const { exit, suspendTerminal } = useApp()
  const { stdout } = useStdout()
  const { columns: width, rows: height } = useWindowSize()
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    let isHandedOver = false
    const handOver = async (meanwhile: () => void | Promise<void>): Promise<void> => {
      // Twice at once, Ink refuses.
      if (isHandedOver) return
      isHandedOver = true
      await suspendTerminal(meanwhile)
      isHandedOver = false
    }
    return screen.start({
      redraw,
      repaint: () => void handOver(() => {}),
      suspend: () => void (onSuspend === undefined ? null : handOver(onSuspend)),
      exit: () => exit(),
      signal: (sequence) => void stdout.write(sequence),
    })
  }, [screen, exit, suspendTerminal, stdout, onSuspend])
  useInput((input, key) => {
    const mouse = mouseOf(input)
    if (mouse === null) screen.onKeys(keysOf(input, key))
    else if (mouse !== 'ignored') screen.onMouse(mouse)
  })
  usePaste((text) => screen.onPaste(text))
  if (screen.size.width !== width || screen.size.height !== height) screen.size = { width, height }
  return (
    <Box flexDirection="column" width={width} height={height}>
      {screen.lines().map((line, row) => (
        <Row key={`${row}`} line={line} theme={theme ?? THEMES.dark} isAscii={isAscii} />
      ))}
    </Box>
  )
}

interface RowProps {
  readonly line: Line
  readonly theme: Theme
  readonly isAscii: boolean
}

/** Most rows are as they were in the last frame. */
const Row = memo(
  ({ line, theme, isAscii }: RowProps): ReactElement => (
    <Text wrap="truncate">
      {line.spans.length === 0 ? ' ' : null}
      {line.spans.map(({ text, role }, index) => (
        <Text key={`${index}`} {...lookOf(theme[role], line.isCursor === true)}>
          {isAscii ? toAscii(text) : text}
        </Text>
      ))}
    </Text>
  ),
  (before, after) =>
    before.theme === after.theme &&
    before.isAscii === after.isAscii &&
    isSameLine(before.line, after.line),
)

function isSameLine(one: Line, other: Line): boolean {
  return (
    one.isCursor === other.isCursor &&
    one.spans.length === other.spans.length &&
    one.spans.every(({ text, role }, index) => {
      const same = other.spans[index]
      return same !== undefined && same.text === text && same.role === role
    })
  )
}

function lookOf(look: Look, isCursor: boolean): Look {
  return isCursor ? { ...look, inverse: true, dimColor: false } : look
}
