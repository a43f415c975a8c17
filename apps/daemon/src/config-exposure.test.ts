import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { checkConfig } from './commands/config.ts'
import { EXIT } from './exit-codes.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigeond-config-'))
  file = join(folder, 'pigeond.toml')
})

afterEach(() => rm(folder, { recursive: true }))

async function check(text: string, mode: number): Promise<{ code: number; complaints: string }> {
  await writeFile(file, text)
  await chmod(file, mode)
  let complaints = ''
  const code = await checkConfig(
    {
      env: { HOME: folder },
      say: () => {},
      complain: (line) => {
        complaints += line
      },
      isWatched: false,
    },
    { config: file },
  )
  return { code, complaints }
}

it('a file that names a program is refused while every user can write it', async () => {
  const text = 'on-complete-run = ["/bin/true"]\n'
  const { code, complaints } = await check(text, 0o666)
  expect(code).toBe(EXIT.config)
  expect(complaints).toMatch(/every user of this machine can write .*chmod o-w/)
  expect(complaints).toContain(file)
  expect(await check(text, 0o664)).toEqual({ code: EXIT.ok, complaints: '' })
  expect(await check('up-limit = "1 MiB"\n', 0o666)).toEqual({ code: EXIT.ok, complaints: '' })
})

it.each([
  'on-complete-webhook = "https://ana:secret@hooks.example/x"\n',
  '[[feeds]]\nurl = "https://feeds.example/rss?passkey=secret"\nrules = [{}]\n',
])('a file with a secret is warned of while every user can read it: %s', async (text) => {
  const { code, complaints } = await check(text, 0o644)
  expect(code).toBe(EXIT.ok)
  expect(complaints).toMatch(/^warning: .*every user of this machine can read it.*chmod o-r/)
  expect(complaints).not.toContain('secret')
  expect(await check(text, 0o640)).toEqual({ code: EXIT.ok, complaints: '' })
})

it('addresses without a secret may be read by everybody', async () => {
  const text = 'on-complete-webhook = "https://hooks.example/x"\n'
  expect(await check(text, 0o644)).toEqual({ code: EXIT.ok, complaints: '' })
})
