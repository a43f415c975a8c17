import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  isProfileName,
  type Profile,
  PROFILES_LIMIT,
  profilesPath,
  readProfiles,
  saveProfiles,
} from './profiles.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pigeon-profiles-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const HOME: Profile = { name: 'home', address: 'http://192.0.2.7:9191', tokenFile: '/x/token' }
const NAS: Profile = { name: 'nas.example', address: '/run/pigeon.sock', token: 'a "token" \\' }

describe('profiles', () => {
  it('are none where there is no file', async () => {
    expect(await readProfiles(profilesPath(folder))).toEqual({ default: null, profiles: [] })
  })

  it('read back as they were saved, in a folder that is made for them', async () => {
    const path = profilesPath(join(folder, 'new', 'pigeon'))
    const saved = { default: 'home', profiles: [HOME, NAS] }
    expect(await saveProfiles(path, saved)).toBeNull()
    expect(await readProfiles(path)).toEqual(saved)
  })

  it('are for their owner alone, whatever the file was before', async () => {
    const path = profilesPath(folder)
    writeFileSync(path, '', { mode: 0o666 })
    await saveProfiles(path, { default: null, profiles: [NAS] })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['profiles.toml'])
  })

  it('stay as they were when they cannot be saved', async () => {
    const path = join(folder, 'file', 'profiles.toml')
    writeFileSync(join(folder, 'file'), 'not a folder')
    expect(await saveProfiles(path, { default: null, profiles: [HOME] })).toMatchObject({
      code: 'profiles-unwritable',
      message: expect.stringContaining(path),
    })
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('not a folder')
  })

  it('may be so many and no more', async () => {
    const path = profilesPath(folder)
    const many = (count: number): readonly Profile[] =>
      Array.from({ length: count }, (_, index) => ({ ...HOME, name: `node${index}` }))
    await saveProfiles(path, { default: null, profiles: many(PROFILES_LIMIT) })
    expect(await readProfiles(path)).toMatchObject({ profiles: { length: PROFILES_LIMIT } })
    await saveProfiles(path, { default: null, profiles: many(PROFILES_LIMIT + 1) })
    expect(await readProfiles(path)).toMatchObject({ code: 'bad-profiles' })
  })

  it.each([
    '[profile.home',
    'default = 1',
    '[profile.home]\naddress = 1',
    '[profile."../x"]\naddress = "http://x"',
    '[profile.home]\n',
  ])('that are written wrong are said to be: %j', async (text) => {
    const path = profilesPath(folder)
    writeFileSync(path, text)
    expect(await readProfiles(path)).toMatchObject({ code: 'bad-profiles' })
  })

  it.each([
    ['home', true],
    ['nas-2.example', true],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['none', false],
    ['', false],
    ['-x', false],
    ['a b', false],
    ['../x', false],
  ])('may be called %j: %j', (name, isOne) => {
    expect(isProfileName(name)).toBe(isOne)
  })
})
