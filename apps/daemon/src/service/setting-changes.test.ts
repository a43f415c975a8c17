import { afterEach, beforeEach, expect, it } from 'vitest'
import { ScratchHome } from '../testing/scratch-home.ts'
import { liveSettings, settingChanges } from './setting-changes.ts'

let home: ScratchHome

beforeEach(async () => {
  home = await ScratchHome.make()
})

afterEach(() => home.end())

it('nothing changed when the same was read again', () => {
  expect(settingChanges(home.settings(), home.settings())).toEqual({ live: [], needRestart: [] })
})

it('tells what takes hold now from what needs a restart, and goes on with both', () => {
  const before = home.settings()
  const after = home.settings({ upLimit: '1 MiB', listenPort: 7, controlRoots: '/srv' })
  expect(settingChanges(before, after)).toEqual({
    live: ['upLimit', 'controlRoots'],
    needRestart: ['listenPort'],
  })
  const live = liveSettings(before, after)
  expect(live).toMatchObject({ upLimit: 1_048_576, listenPort: before.listenPort })
  // What needs a restart still does when the file is read a third time.
  expect(settingChanges(live, after)).toEqual({ live: [], needRestart: ['listenPort'] })
})
