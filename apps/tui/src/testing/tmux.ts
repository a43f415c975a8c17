/** A terminal that tests can type into and look at: tmux on a socket of its own. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'

export function hasTmux(): boolean {
  return spawnSync('tmux', ['-V']).status === 0
}

/** How a terminal is left. */
interface TerminalState {
  readonly isAlternate: boolean
  readonly isCursorShown: boolean
  readonly isMouse: boolean
  /** As `stty -g` prints them, before and after. */
  readonly modesBefore: string
  readonly modesAfter: string
}

export interface TmuxTerminal {
  readonly pid: () => number
  type(...keys: readonly string[]): void
  resize(columns: number, rows: number): void
  /** Waits until the screen shows it. */
  sees(pattern: RegExp): Promise<string>
  /** As the terminal's own paste does. */
  paste(text: string): void
  /** What is on the screen, with the sequences that colour it. */
  styled(): string
  /** The screen and what has scrolled out of it, with no line broken. */
  all(): string
  state(): TerminalState
  /** Takes the terminal away from whatever runs in it. */
  kill(): void
}

/** Only an upper bound, for machines under load. */
const WAIT = { timeout: 60_000, interval: 50 }

let opened = 0

/** Runs a command in a new terminal; when it ends, the screen says `code N`. */
export function openTmux(folder: string, command: readonly string[]): TmuxTerminal {
  opened += 1
  // A server that was told to end may still hold its socket for a moment.
  const socket = join(folder, `tmux-${opened}.sock`)
  const file = (name: string): string => join(folder, name)
  const tmux = (...args: readonly string[]): string =>
    execFileSync('tmux', ['-f', '/dev/null', '-S', socket, ...args], { encoding: 'utf8' })
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  writeFileSync(
    file('run.sh'),
    // With job control, as in the shell of a user: 148 is "stopped" (128 and SIGTSTP).
    `set -m
echo before the screen
stty -g > '${file('before')}'
sh -c 'echo $$ > ${file('pid')}; exec "$@"' sh ${quoted}
code=$?
while [ $code = 148 ]; do
  echo stopped
  read line
  fg
  code=$?
done
stty -g > '${file('after')}'
echo code $code
exec cat`,
  )
  tmux('new-session', '-d', '-x', '80', '-y', '24', `sh '${file('run.sh')}'`)
  const read = (name: string): string =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8').trim() : ''
  return {
    pid: () => Number(read('pid')),
    type: (...keys) => void tmux('send-keys', ...keys),
    resize: (columns, rows) =>
      void tmux('resize-window', '-x', String(columns), '-y', String(rows)),
    sees: (pattern) =>
      vi.waitFor(() => {
        const screen = tmux('capture-pane', '-p')
        expect(screen).toMatch(pattern)
        return screen
      }, WAIT),
    paste: (text) => {
      tmux('set-buffer', text)
      tmux('paste-buffer', '-p', '-r')
    },
    styled: () => tmux('capture-pane', '-p', '-e'),
    all: () => tmux('capture-pane', '-p', '-J', '-S', '-'),
    state: () => {
      const flags = '#{alternate_on} #{cursor_flag} #{mouse_sgr_flag}'
      const [alternate, cursor, mouse] = tmux('display-message', '-p', flags).trim().split(' ')
      return {
        isAlternate: alternate === '1',
        isCursorShown: cursor === '1',
        isMouse: mouse === '1',
        modesBefore: read('before'),
        modesAfter: read('after'),
      }
    },
    kill: () => void spawnSync('tmux', ['-S', socket, 'kill-server']),
  }
}
