/** The settings of the node that are numbers: as the form shows them, and back. */
import type { Command, SessionSummary } from '@pigeon/control/contract'
import { KIB, readNumber, textOf } from './limits-form.ts'

const HOUR_MS = 3_600_000

type SessionCommand = Extract<Command, { do: 'set-session' }>

export type NumberSetting =
  | 'downLimit'
  | 'upLimit'
  | 'altDownLimit'
  | 'altUpLimit'
  | 'maxActive'
  | 'ratioGoal'
  | 'seedMsGoal'
  | 'idleMsGoal'
  | 'maxPeers'
  | 'maxPeersPerTorrent'
  | 'uploadSlots'

interface Rule {
  readonly read: (session: SessionSummary) => number | null
  /** How much of the contract's unit one of the form's is. */
  readonly unit: number
  /** Whole, from 1 to this; `null`: any amount, and empty is without. */
  readonly most: number | null
}

export const NUMBER_SETTINGS: { readonly [K in NumberSetting]: Rule } = {
  downLimit: { read: (of) => of.downLimit, unit: KIB, most: null },
  upLimit: { read: (of) => of.upLimit, unit: KIB, most: null },
  altDownLimit: { read: (of) => of.alternative.down, unit: KIB, most: null },
  altUpLimit: { read: (of) => of.alternative.up, unit: KIB, most: null },
  maxActive: { read: (of) => of.maxActive, unit: 1, most: 10_000 },
  ratioGoal: { read: (of) => of.ratioGoal, unit: 1, most: null },
  seedMsGoal: { read: (of) => of.seedMsGoal, unit: HOUR_MS, most: null },
  idleMsGoal: { read: (of) => of.idleMsGoal, unit: HOUR_MS, most: null },
  maxPeers: { read: (of) => of.maxPeers, unit: 1, most: 10_000 },
  maxPeersPerTorrent: { read: (of) => of.maxPeersPerTorrent, unit: 1, most: 1_000 },
  uploadSlots: { read: (of) => of.uploadSlots, unit: 1, most: 1_000 },
}

export type NumberTexts = { readonly [K in NumberSetting]?: string }

export function textOfSetting(setting: NumberSetting, session: SessionSummary): string {
  const { read, unit } = NUMBER_SETTINGS[setting]
  const value = read(session)
  return value === null ? '' : textOf(value / unit)
}

export type ReadSettings =
  | { readonly command: SessionCommand }
  | { readonly wrong: NumberSetting; readonly most: number | null }

/** Reads what was typed into some of the fields. */
export function readSettings(texts: NumberTexts, only: readonly NumberSetting[]): ReadSettings {
  const command: { -readonly [K in keyof SessionCommand]: SessionCommand[K] } = {
    do: 'set-session',
  }
  for (const setting of only) {
    const text = texts[setting]
    if (text === undefined) continue
    const { unit, most } = NUMBER_SETTINGS[setting]
    if (text.trim() === '' && most === null) {
      setNumber(command, setting, null)
      continue
    }
    const value = readNumber(text)
    const isRight =
      value !== null && (most === null || (Number.isInteger(value) && value >= 1 && value <= most))
    if (!isRight) return { wrong: setting, most }
    setNumber(command, setting, setting === 'ratioGoal' ? value : Math.round(value * unit))
  }
  return { command }
}

function setNumber(
  command: { -readonly [K in keyof SessionCommand]: SessionCommand[K] },
  setting: NumberSetting,
  value: number | null,
): void {
  switch (setting) {
    case 'maxActive':
    case 'maxPeers':
    case 'maxPeersPerTorrent':
    case 'uploadSlots':
      if (value !== null) command[setting] = value
      return
    default:
      command[setting] = value
  }
}
