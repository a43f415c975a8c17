/** The screen without a terminal: typed into, and read as lines. */
import type { Control } from '@pigeon/control/contract'
import stringWidth from 'string-width'
import { expect } from 'vitest'
import type { KeyPress } from '../screen/keys.ts'
import { plainText } from '../screen/lines.ts'
import { Screen, type ScreenOptions } from '../screen/screen.ts'

export interface DrivenScreen {
  readonly screen: Screen
  /** What it did to the terminal, in order. */
  readonly signals: string[]
  /** Keys by name, with spaces between; single letters may stand together. */
  type(keys: string): Promise<void>
  write(text: string): Promise<void>
  paste(text: string): Promise<void>
  text(): string
  stop(): void
}

export async function driveScreen(
  control: Control,
  {
    width = 80,
    height = 24,
    ...options
  }: Partial<ScreenOptions> & { width?: number; height?: number } = {},
): Promise<DrivenScreen> {
  const screen = new Screen({ control, ...options })
  const signals: string[] = []
  const stop = screen.start({
    redraw: () => {},
    repaint: () => signals.push('repaint'),
    suspend: () => signals.push('suspend'),
    exit: () => signals.push('exit'),
    signal: (sequence) => signals.push(sequence),
  })
  screen.resize({ width, height })
  await settled()
  screen.lines()
  const press = async (keys: readonly KeyPress[]): Promise<void> => {
    for (const key of keys) {
      screen.onKeys([key])
      await settled()
      // As a terminal does before the next key.
      screen.lines()
    }
  }
  return {
    screen,
    signals,
    stop,
    type: (keys) => press(keys.split(' ').map((name) => ({ name, text: textOf(name) }))),
    write: (text) =>
      press(Array.from(text, (each) => ({ name: each === ' ' ? 'Space' : each, text: each }))),
    paste: async (text) => {
      screen.onPaste(text)
      await settled()
    },
    text: () => screen.lines().map(plainText).join('\n'),
  }
}

/** Exactly as many lines as asked, none wider, and nothing in them that a terminal obeys. */
export function expectSound(screen: Screen): void {
  const { width, height } = screen.size
  const lines = screen.lines().map(plainText)
  expect(lines).toHaveLength(height)
  for (const line of lines) {
    expect(line).not.toMatch(/\p{Cc}|[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u)
    expect(stringWidth(line)).toBeLessThanOrEqual(width)
  }
}

/** What a made-up control answers comes after a few turns of the queue. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

function textOf(name: string): string {
  if (name === 'Space') return ' '
  return Array.from(name).length === 1 ? name : ''
}
