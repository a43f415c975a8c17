import { IncomingMessage } from 'node:http'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearerAuthoriser, chooseToken, ensureTokenFile, readTokenFile } from './bearer-token.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigeon-token-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the token file', () => {
  it('is made once, of 256 bits, for its owner only', async () => {
    const path = join(folder, 'state', 'token')
    const token = await ensureTokenFile(path)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700)
    expect(await ensureTokenFile(path)).toBe(token)
    expect(await readdir(join(folder, 'state'))).toEqual(['token'])
  })

  it('is the same for two that start together', async () => {
    const path = join(folder, 'token')
    const tokens = await Promise.all(Array.from({ length: 8 }, () => ensureTokenFile(path)))
    expect(new Set(tokens).size).toBe(1)
    expect(tokens[0]).toBe((await readFile(path, 'utf8')).trim())
  })

  it('is not believed when others may read it', async () => {
    const path = join(folder, 'token')
    await ensureTokenFile(path)
    await chmod(path, 0o640)
    expect(await readTokenFile(path)).toMatchObject({ code: 'bad-token' })
    expect(await ensureTokenFile(path)).toMatchObject({ code: 'bad-token' })
  })

  it.each([
    '',
    'short',
    'has spaces in the middle of it',
    `long${'x'.repeat(2000)}`,
    'ü'.repeat(30),
  ])('is refused when it holds %j, and never overwritten', async (text) => {
    const path = join(folder, 'token')
    await writeFile(path, text, { mode: 0o600 })
    expect(await ensureTokenFile(path)).toMatchObject({ code: 'bad-token' })
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('is a problem where there is none, or no folder can be made', async () => {
    expect(await readTokenFile(join(folder, 'none'))).toMatchObject({ code: 'not-found' })
    await writeFile(join(folder, 'file'), '')
    expect(await ensureTokenFile(join(folder, 'file', 'token'))).toMatchObject({ code: 'no-token' })
  })
})

describe('the choice of a token', () => {
  it('takes the one given, else of the environment, else of the file', async () => {
    const file = join(folder, 'token')
    const inFile = await ensureTokenFile(file)
    const environment = { PIGEON_TOKEN: 'token-of-the-environment' }
    const given = 'token-that-was-given'
    expect(await chooseToken({ token: given, environment, file })).toBe(given)
    expect(await chooseToken({ environment, file })).toBe(environment.PIGEON_TOKEN)
    expect(await chooseToken({ environment: { PIGEON_TOKEN: '' }, file })).toBe(inFile)
    expect(await chooseToken({})).toMatchObject({ code: 'no-token' })
    expect(await chooseToken({ token: 'too short' })).toMatchObject({ code: 'bad-token' })
  })
})

describe('the authoriser', () => {
  it('accepts the token alone, in any case of the word before it', () => {
    const authorise = bearerAuthoriser('a-token-of-256-bits')
    const accepts = (authorization?: string): boolean => {
      const request = new IncomingMessage(new Socket())
      if (authorization !== undefined) request.headers.authorization = authorization
      return authorise(request) === 'full'
    }
    expect(accepts('Bearer a-token-of-256-bits')).toBe(true)
    expect(accepts('bearer a-token-of-256-bits')).toBe(true)
    for (const wrong of ['', 'a-token-of-256-bits', 'Bearer a-token-of-256-bit', 'Bearer ']) {
      expect(accepts(wrong)).toBe(false)
    }
    expect(accepts()).toBe(false)
  })
})
