import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Problem, Scope } from './contract.ts'
import { isProblem } from './problems.ts'
import {
  bookAuthoriser,
  createToken,
  firstOf,
  listTokens,
  revokeToken,
  TOKENS,
} from './token-book.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pigeon-tokens-'))
  path = join(folder, 'state', 'tokens.json')
})

afterEach(() => rmSync(folder, { recursive: true }))

async function made(name: string, scope: Scope): Promise<string> {
  const result = await createToken(path, { name, scope })
  if (isProblem(result)) throw new Error(result.message)
  return result.token
}

function bearer(token: string) {
  return { headers: { authorization: `Bearer ${token}` } }
}

describe('the book', () => {
  it('is empty before the first token', async () => {
    expect(await listTokens(path)).toEqual([])
  })

  it('lists tokens by name and scope, and holds none of them', async () => {
    const token = await made('phone', 'add')
    await made('grafana', 'read')
    const list = await listTokens(path)
    expect(list).toMatchObject([
      { name: 'phone', scope: 'add' },
      { name: 'grafana', scope: 'read' },
    ])
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(JSON.stringify(list) + readFileSync(path, 'utf8')).not.toContain(token)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('never makes the same token twice', async () => {
    expect(await made('a', 'read')).not.toBe(await made('b', 'read'))
  })

  it.each(['', 'a b', 'a/b', '\u001b', 'x'.repeat(65)])('refuses the name %j', async (name) => {
    expect(await createToken(path, { name, scope: 'read' })).toMatchObject({ code: 'bad-name' })
  })

  it('refuses a name that is taken, and to revoke what is not there', async () => {
    await made('phone', 'add')
    expect(await createToken(path, { name: 'phone', scope: 'full' })).toMatchObject({
      code: 'name-taken',
    })
    expect(await revokeToken(path, 'tablet')).toMatchObject({ code: 'unknown-token' })
    expect(await listTokens(path)).toHaveLength(1)
  })

  it(`holds ${TOKENS} tokens and not one more`, async () => {
    await made('first', 'read')
    const book = JSON.parse(readFileSync(path, 'utf8'))
    const [token] = book.tokens
    const tokens = Array.from({ length: TOKENS - 1 }, (_, index) => ({
      ...token,
      name: `t${index}`,
    }))
    writeFileSync(path, JSON.stringify({ version: 1, tokens }))
    await made('last', 'read')
    expect(await createToken(path, { name: 'more', scope: 'read' })).toMatchObject({
      code: 'too-many-tokens',
    })
  })

  it.each(['', '{', '[]', '{"version":2,"tokens":[]}', '{"version":1,"tokens":[{"name":"a"}]}'])(
    'does not overwrite a file that holds %j',
    async (text) => {
      await made('phone', 'add')
      writeFileSync(path, text)
      expect(await createToken(path, { name: 'a', scope: 'read' })).toMatchObject({
        code: 'bad-token-book',
      })
      expect(readFileSync(path, 'utf8')).toBe(text)
    },
  )

  it('refuses two changes at once, and goes on after a program that died in one', async () => {
    await made('phone', 'add')
    writeFileSync(`${path}.new`, '')
    expect(await createToken(path, { name: 'a', scope: 'read' })).toMatchObject({ code: 'busy' })
    utimesSync(`${path}.new`, 1, 1)
    await made('a', 'read')
    const both = await Promise.all([revokeToken(path, 'a'), revokeToken(path, 'phone')])
    const left = await listTokens(path)
    expect(left).toHaveLength(both.filter((result) => result !== null).length)
  })
})

describe('its authoriser', () => {
  it('gives each token its scope, and others nothing', async () => {
    const add = await made('phone', 'add')
    const read = await made('grafana', 'read')
    const authorise = bookAuthoriser(path)
    expect(await authorise(bearer(add))).toBe('add')
    expect(await authorise(bearer(read))).toBe('read')
    for (const wrong of ['', 'wrong', `${add}x`, add.slice(1)]) {
      expect(await authorise(bearer(wrong))).toBeNull()
    }
    expect(await authorise({ headers: {} })).toBeNull()
  })

  it('learns of tokens made and revoked while it runs', async () => {
    const authorise = bookAuthoriser(path)
    expect(await authorise(bearer('anything'))).toBeNull()
    const token = await made('phone', 'full')
    expect(await authorise(bearer(token))).toBe('full')
    expect(await revokeToken(path, 'phone')).toBeNull()
    expect(await authorise(bearer(token))).toBeNull()
  })

  it('opens nothing by a file that others could read, and says so once', async () => {
    const token = await made('phone', 'full')
    const problems: Problem[] = []
    const authorise = bookAuthoriser(path, (reason) => problems.push(reason))
    chmodSync(path, 0o644)
    expect(await authorise(bearer(token))).toBeNull()
    expect(await authorise(bearer(token))).toBeNull()
    expect(problems.map(({ code }) => code)).toEqual(['bad-token-book'])
    chmodSync(path, 0o600)
    expect(await authorise(bearer(token))).toBe('full')
  })

  it('can stand beside others', async () => {
    const authorise = firstOf(
      () => null,
      () => 'read',
      () => 'full',
    )
    // It hands the request on as it is.
    expect(await authorise(Object.create(null))).toBe('read')
  })
})
