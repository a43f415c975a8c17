import { describe, expect, it } from 'vitest'
import { decodeSavedSettings, encodeSavedSettings, type SavedSettings } from './saved-settings.ts'

const ALL: SavedSettings = {
  change: {
    downLimit: 1_000,
    upLimit: null,
    maxActive: 3,
    defaultFolder: '/films',
    maxPeers: 10,
    maxPeersPerTorrent: 5,
    uploadSlots: 2,
    ratioGoal: 1.5,
    seedMsGoal: null,
    idleMsGoal: 60_000,
    isAlternativeOn: true,
    altDownLimit: 0,
    altUpLimit: null,
    altSchedule: { days: ['mon', 'sun'], fromMinute: 0, toMinute: 1_439 },
  },
  categories: [
    {
      name: 'films',
      folder: null,
      limits: { down: 5, up: null, ratio: 'never', seedMs: 7 },
    },
  ],
  traffic: { downloadedBytes: 8, uploadedBytes: 9 },
  wasScheduled: false,
}

describe('saved settings', () => {
  it('come back as they were saved', () => {
    expect(decodeSavedSettings(encodeSavedSettings(ALL))).toEqual(ALL)
  })

  it('of an older version keep what it knew', () => {
    const older = '{"downLimit":5,"upLimit":null,"maxActive":4}'
    expect(decodeSavedSettings(older)).toEqual({
      change: { downLimit: 5, upLimit: null, maxActive: 4 },
      categories: [],
      traffic: null,
      wasScheduled: null,
    })
  })

  it.each([null, '', '[]', 'null', '{"downLimit":-1,"maxActive":0,"maxPeers":1.5}'])(
    'leave out what cannot be: %s',
    (json) => {
      expect(decodeSavedSettings(json).change).toEqual({})
    },
  )

  it.each([
    { defaultFolder: 'here' },
    { defaultFolder: '/a\0b' },
    { isAlternativeOn: 1 },
    { altSchedule: { days: 'mon', fromMinute: 0, toMinute: 0 } },
    { altSchedule: { days: ['mon'], fromMinute: 1_440, toMinute: 0 } },
    { ratioGoal: 'never' },
  ])('leave out a value of another kind: %j', (value) => {
    expect(decodeSavedSettings(JSON.stringify(value)).change).toEqual({})
  })
})
