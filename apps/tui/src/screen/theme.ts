/** How each role looks. Colours are the terminal's own sixteen, so that they suit its background. */
import type { Role } from './lines.ts'

export interface Look {
  readonly color?: string
  readonly backgroundColor?: string
  readonly bold?: boolean
  readonly dimColor?: boolean
  readonly inverse?: boolean
  readonly underline?: boolean
}

export const THEME_NAMES = ['dark', 'light', 'high-contrast', 'mono'] as const
export type ThemeName = (typeof THEME_NAMES)[number]

export type Theme = Readonly<Record<Role, Look>>

/** Bold, dim and inverse only: for NO_COLOR, and for whoever likes it so. */
const MONO: Theme = {
  plain: {},
  dim: { dimColor: true },
  title: { bold: true },
  banner: { inverse: true },
  chosen: { inverse: true, bold: true },
  key: { bold: true },
  good: {},
  busy: {},
  warn: { bold: true },
  bad: { bold: true, underline: true },
  caret: { inverse: true },
}

export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  mono: MONO,
  dark: {
    ...MONO,
    key: { color: 'cyanBright' },
    good: { color: 'green' },
    busy: { color: 'cyan' },
    warn: { color: 'yellow' },
    bad: { color: 'redBright' },
  },
  light: {
    ...MONO,
    // Dimmed text is hard to read on white.
    dim: { color: 'blackBright' },
    key: { color: 'blue' },
    good: { color: 'green' },
    busy: { color: 'blue' },
    warn: { color: 'magenta' },
    bad: { color: 'red', bold: true },
  },
  'high-contrast': {
    ...MONO,
    dim: {},
    key: { color: 'yellowBright', bold: true },
    good: { color: 'greenBright', bold: true },
    busy: { color: 'cyanBright', bold: true },
    warn: { color: 'yellowBright', bold: true },
    bad: { color: 'whiteBright', backgroundColor: 'red', bold: true },
  },
}
