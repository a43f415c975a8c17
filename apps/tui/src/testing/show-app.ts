/** The screen in a terminal of any size that only a test sees. */
import './no-colour.ts'
import type { Control } from '@pigeon/control/contract'
import { render } from 'ink-testing-library'
import { createElement } from 'react'
import stringWidth from 'string-width'
import { expect, vi } from 'vitest'
import { App } from '../screen/app.tsx'
import { Screen, type ScreenOptions } from '../screen/screen.ts'

/** Only an upper bound; each wait ends as soon as it may. */
const WAIT = { timeout: 20_000, interval: 5 }

export const KEY = { enter: '\r', escape: '\u001b', down: '\u001b[B', tab: '\t' } as const

export interface ShownApp {
  frame(): string
  /** Types and waits until the frame matches. */
  press(keys: string, then: RegExp): Promise<void>
  paste(text: string, then: RegExp): Promise<void>
  sees(pattern: RegExp): Promise<void>
  resize(columns: number, rows: number): Promise<void>
  unmount(): void
}

export interface ShowAppOptions extends Omit<ScreenOptions, 'control'> {
  readonly columns?: number
  readonly rows?: number
}

export async function showApp(
  control: Control,
  { columns = 80, rows = 24, ...options }: ShowAppOptions = {},
): Promise<ShownApp> {
  const screen = new Screen({ control, ...options })
  const app = render(createElement(App, { screen }))
  const frame = (): string => app.lastFrame() ?? ''
  const resize = async (toColumns: number, toRows: number): Promise<void> => {
    Object.defineProperty(app.stdout, 'columns', { value: toColumns, configurable: true })
    Object.defineProperty(app.stdout, 'rows', { value: toRows, configurable: true })
    app.stdout.emit('resize')
    await vi.waitFor(() => expect(frame().split('\n')).toHaveLength(toRows), WAIT)
  }
  const sees = async (pattern: RegExp): Promise<void> => {
    await vi.waitFor(() => expect(frame()).toMatch(pattern), WAIT)
  }
  await resize(columns, rows)
  return {
    frame,
    resize,
    sees,
    press: (keys, then) => {
      app.stdin.write(keys)
      return sees(then)
    },
    paste: (text, then) => {
      app.stdin.write(`\u001b[200~${text}\u001b[201~`)
      return sees(then)
    },
    unmount: app.unmount,
  }
}

/** The frame obeys nothing that a name said, and it fits. */
export function expectFit(frame: string, columns: number, rows: number): void {
  // What `toDisplay` marks, and every control but the line ends between rows.
  expect(frame).not.toMatch(/[^\P{Cc}\n]|[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u)
  const lines = frame.split('\n')
  expect(lines.length).toBeLessThanOrEqual(rows)
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
}
