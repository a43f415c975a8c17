import { afterEach, beforeEach, expect, it } from 'vitest'
import { ScratchHome } from '../testing/scratch-home.ts'
import { optionTable } from '../commands/context.ts'
import { liveSettings, namesOf, settingChanges } from './setting-changes.ts'

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

it('every setting is named as it is written in the file', () => {
  const table = optionTable({ env: {}, say: () => {}, complain: () => {}, isWatched: false })
  for (const [key, { name }] of Object.entries(table)) {
    // The keys of the table are those of the settings.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    expect(namesOf([key as keyof typeof table])).toBe(name)
  }
})
