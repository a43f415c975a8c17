import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseMetainfo } from '@pigeon/protocol/metainfo'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder, runPigeon } from '../testing/run-pigeon.ts'
import { HOSTILE, HOSTILE_NAME, sampleBytes, writeFiles } from '../testing/sample-files.ts'

let folder: ReturnType<typeof makeFolder>
let data: string
let output: string
beforeEach(() => {
  folder = makeFolder()
  data = join(folder.path, 'data')
  output = join(folder.path, 'out.torrent')
  writeFiles(data, { 'a.bin': sampleBytes(70_000), 'sub/深い.txt': 'text', empty: '' })
})
afterEach(() => folder.remove())

describe('pigeon create', () => {
  it('makes a torrent that reads back as what was shared', async () => {
    const made = await runPigeon(
      ...['create', data, '-o', output, '--tracker', 'http://a.example/x'],
      ...['--tracker', 'udp://b.example:80', '--private', '--comment', 'a comment'],
      ...['--piece-length', '32768'],
    )
    expect(made).toMatchObject({ exitCode: 0, stderr: '' })
    const parsed = parseMetainfo(readFileSync(output))
    expect(parsed).toMatchObject({
      ok: true,
      metainfo: {
        name: 'data',
        pieceLength: 32768,
        pieceCount: 3,
        isPrivate: true,
        comment: 'a comment',
        trackers: [['http://a.example/x'], ['udp://b.example:80']],
        warnings: [],
      },
    })
    const files = parsed.ok ? parsed.metainfo.files : []
    expect(files.map(({ path, lengthBytes }) => `${path.join('/')} ${lengthBytes}`).sort()).toEqual(
      ['a.bin 70000', 'empty 0', 'sub/深い.txt 4'],
    )
    expect(made.stdout).toMatch(/magnet +magnet:\?xt=urn:btih:[0-9a-f]{40}/)
  })

  it('gives the same info-hash for the same content', async () => {
    const hashOf = async (path: string): Promise<string | undefined> => {
      const { stdout } = await runPigeon('create', data, '-o', path)
      return /info-hash +([0-9a-f]{40})/.exec(stdout)?.[1]
    }
    expect(await hashOf(output)).toBe(await hashOf(`${output}2`))
  })

  it('overwrites nothing unless it is told to', async () => {
    writeFileSync(output, 'precious')
    const refused = await runPigeon('create', data, '-o', output)
    expect(refused.exitCode).toBe(6)
    expect(refused.stderr).toContain('is there already')
    expect(readFileSync(output, 'utf8')).toBe('precious')
    expect(await runPigeon('create', data, '-o', output, '--force')).toMatchObject({ exitCode: 0 })
    expect(parseMetainfo(readFileSync(output)).ok).toBe(true)
  })

  it('refuses a folder without a byte to share', async () => {
    const empty = writeFiles(join(folder.path, 'nothing'), { empty: '' })
    const refused = await runPigeon('create', empty, '-o', output)
    expect(refused.exitCode).toBeGreaterThan(0)
    expect(refused.stderr).toMatch(/^pigeon: ./)
  })

  it.each(['1000', '16383', '24576'])('refuses %s as a piece length', async (length) => {
    const refused = await runPigeon('create', data, '-o', output, '--piece-length', length)
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toMatch(/piece length/i)
  })

  it('names the path that is not there', async () => {
    const refused = await runPigeon('create', join(folder.path, 'absent'), '-o', output)
    expect(refused.exitCode).toBeGreaterThan(0)
    expect(refused.stderr).toContain(join(folder.path, 'absent'))
  })

  it('names the folder that may not be read', async () => {
    chmodSync(folder.path, 0o755)
    mkdirSync(join(data, 'locked'), { mode: 0 })
    const refused = await withoutPrivileges(() => runPigeon('create', data, '-o', output))
    expect(refused.exitCode).toBe(6)
    expect(refused.stderr).toContain(join(data, 'locked'))
  })

  it('says where it cannot write', async () => {
    const refused = await runPigeon('create', data, '-o', join(folder.path, 'absent', 'x.torrent'))
    expect(refused.exitCode).toBe(6)
    expect(refused.stderr).toContain('cannot be written')
  })
})

/** Root may read everything, so that it cannot be kept out. */
async function withoutPrivileges<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('pigeon verify', () => {
  beforeEach(async () => {
    await runPigeon('create', data, '-o', output, '--piece-length', '16384')
  })

  it.each(['data', '.'])('finds whole data whole, given %s', async (path) => {
    const { exitCode, stdout } = await runPigeon('verify', output, join(folder.path, path))
    expect(exitCode).toBe(0)
    expect(stdout).toContain('whole: 5 of 5 pieces')
  })

  it('finds one wrong byte, and says in which file', async () => {
    const bytes = sampleBytes(70_000)
    bytes[40_000] = (bytes[40_000] ?? 0) ^ 1
    writeFileSync(join(data, 'a.bin'), bytes)
    const { exitCode, stdout } = await runPigeon('verify', output, data)
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/data\/a\.bin +1 bad or missing/)
    expect(stdout).toContain('not whole: 4 of 5 pieces')
  })

  it('finds a file missing', async () => {
    rmSync(join(data, 'a.bin'))
    const { exitCode, stdout } = await runPigeon('verify', output, data)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('not whole: 0 of 5 pieces')
  })

  it('writes nothing', async () => {
    rmSync(data, { recursive: true })
    await runPigeon('verify', output, data)
    expect(() => readFileSync(join(data, 'a.bin'))).toThrow('ENOENT')
  })

  it('refuses what is no torrent, and a magnet', async () => {
    expect(await runPigeon('verify', join(data, 'a.bin'), data)).toMatchObject({ exitCode: 2 })
    const magnet = await runPigeon('verify', `magnet:?xt=urn:btih:${'ab'.repeat(20)}`, data)
    expect(magnet).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no hashes') })
  })

  it('shows no control of a hostile name', async () => {
    writeFileSync(output, HOSTILE)
    const { exitCode, stdout, stderr } = await runPigeon('verify', output, data)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('␛[2J')
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(stdout).not.toContain(HOSTILE_NAME)
  })
})
