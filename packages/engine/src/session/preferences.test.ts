import { expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../settings.ts'
import { Preferences } from './preferences.ts'
import { decodeSavedSettings } from './saved-settings.ts'

const NOW = { weekday: 'mon', minute: 720 } as const
const NO_TRAFFIC = { downloadedBytes: 0, uploadedBytes: 0 }

it.each([true, false])(
  'keeps the user’s word about the alternative limits (%s) that came with a schedule',
  (isAlternativeOn) => {
    const first = new Preferences(DEFAULT_SETTINGS, 0)
    const hour = isAlternativeOn ? 60 : 660
    const altSchedule = { days: [NOW.weekday], fromMinute: hour, toMinute: hour + 120 }
    first.change({ altSchedule, isAlternativeOn }, NOW, 0)
    expect(first.settings.isAlternativeOn).toBe(isAlternativeOn)
    const second = new Preferences(DEFAULT_SETTINGS, 0)
    second.load(decodeSavedSettings(first.encode(NO_TRAFFIC)), NOW, 0)
    expect(second.settings.isAlternativeOn).toBe(isAlternativeOn)
  },
)
