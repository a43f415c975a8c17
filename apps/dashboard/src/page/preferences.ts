/** What this browser was asked to remember: looks only, nothing of the node. */
import { COLUMN_KEYS, type ColumnKey } from './column-keys.ts'
import { LANGUAGES, type Language } from './strings.ts'

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const
export type Theme = (typeof THEMES)[number]

export const DENSITIES = ['roomy', 'compact'] as const
export type Density = (typeof DENSITIES)[number]

export interface Preferences {
  /** `null`: as the browser says. */
  readonly language: Language | null
  readonly theme: Theme
  readonly density: Density
  /** The columns of the list, in order, the name first; `null`: as many as fit. */
  readonly columns: readonly ColumnKey[] | null
}

export const DEFAULT_PREFERENCES: Preferences = {
  language: null,
  theme: 'system',
  density: 'roomy',
  columns: null,
}

const STORAGE_NAME = 'pigeon-preferences'

/** What is not there, or not of this version, is as at first. */
export function readPreferences(): Preferences {
  return parsePreferences(localStorage.getItem(STORAGE_NAME))
}

export function writePreferences(preferences: Preferences): void {
  localStorage.setItem(STORAGE_NAME, JSON.stringify(preferences))
}

export function parsePreferences(text: string | null): Preferences {
  let stored: unknown
  try {
    stored = JSON.parse(text ?? '{}')
  } catch {
    return DEFAULT_PREFERENCES
  }
  const { language, theme, density, columns } = fieldsOf(stored)
  return {
    language: LANGUAGES.find((each) => each === language) ?? DEFAULT_PREFERENCES.language,
    theme: THEMES.find((each) => each === theme) ?? DEFAULT_PREFERENCES.theme,
    density: DENSITIES.find((each) => each === density) ?? DEFAULT_PREFERENCES.density,
    columns: Array.isArray(columns) ? columnsOf(columns) : DEFAULT_PREFERENCES.columns,
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Known ones, each once, the name first. */
function columnsOf(stored: readonly unknown[]): readonly ColumnKey[] {
  const known = stored.flatMap((key) => COLUMN_KEYS.find((each) => each === key) ?? [])
  return [...new Set<ColumnKey>(['name', ...known])]
}
