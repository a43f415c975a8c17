import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { folderLister, type ListedFolder, type ListFolder } from './list-folder.ts'
import { makeFolder } from './testing/sample-torrent.ts'

let folder: ReturnType<typeof makeFolder>
let root: string
let outside: string

beforeEach(() => {
  folder = makeFolder()
  root = join(realpathSync(folder.path), 'root')
  outside = join(realpathSync(folder.path), 'root-not')
  mkdirSync(root)
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), 'x')
})

afterEach(() => folder.remove())

async function listing(list: ListFolder, path: string | null): Promise<ListedFolder> {
  const listed = await list(path)
  if ('code' in listed) throw new Error(listed.message)
  return listed
}

async function names(path: string): Promise<readonly string[]> {
  return (await listing(folderLister([root]), path)).entries.map(({ name }) => name)
}

describe('a listing', () => {
  it('has folders first, then files as people count, hidden ones last, and nothing else', async () => {
    for (const name of ['b', '.hidden']) mkdirSync(join(root, name))
    for (const name of ['file 10', 'file 2', '.rc']) writeFileSync(join(root, name), '12345')
    execFileSync('mkfifo', [join(root, 'pipe')])
    expect(await names(root)).toEqual(['b', 'file 2', 'file 10', '.hidden', '.rc'])
    const listed = await listing(folderLister([root]), root)
    expect(listed).toMatchObject({ path: root, parent: null, isCut: false })
    expect(listed.freeBytes).toBeGreaterThan(0)
    expect(listed.entries[0]).toEqual({
      name: 'b',
      path: join(root, 'b'),
      kind: 'folder',
      lengthBytes: null,
    })
    expect(listed.entries[1]).toMatchObject({ kind: 'file', lengthBytes: 5 })
  })

  it('knows the way up, as far as that is allowed', async () => {
    mkdirSync(join(root, 'a/b'), { recursive: true })
    const up = async (path: string) => (await listing(folderLister([root]), path)).parent
    expect(await up(join(root, 'a/b'))).toBe(join(root, 'a'))
    expect(await up(join(root, 'a'))).toBe(root)
    expect(await up(root)).toBeNull()
  })

  it('leaves out names that could not be asked for again', async () => {
    execFileSync('sh', ['-c', 'touch "$(printf \'bad\\377\')" good'], { cwd: root })
    expect(await names(root)).toEqual(['good'])
  })

  it('has 2,000 entries and not one more, and then says so', async () => {
    for (let index = 0; index < 2_000; index += 1) writeFileSync(join(root, `f${index}`), '')
    expect(await listing(folderLister([root]), root)).toMatchObject({ isCut: false })
    mkdirSync(join(root, 'zfolder'))
    const cut = await listing(folderLister([root]), root)
    expect([cut.isCut, cut.entries.length]).toEqual([true, 2_000])
    expect(cut.entries[0]?.name).toBe('zfolder')
  })
})

describe('where it may look', () => {
  it('begins with the roots, or without any with the usual places', async () => {
    const begun = await listing(folderLister([root, join(root, 'not-there')]), null)
    expect(begun).toMatchObject({ path: null, parent: null, freeBytes: null })
    expect(begun.entries.map(({ path }) => path)).toEqual([root])
    const free = await listing(folderLister([], [root, root]), null)
    expect(free.entries.map(({ path }) => path).filter((path) => path === root)).toEqual([root])
    expect(free.entries.map(({ path }) => path)).toContain('/')
    expect((await listing(folderLister([]), outside)).entries).toHaveLength(1)
  })

  it('refuses what lies outside, whether it is there or not', async () => {
    const list = folderLister([root])
    for (const path of [
      outside,
      '/',
      `${root}/..`,
      `${root}/../root-not`,
      '/does-not-exist',
      `${outside}/no`,
    ]) {
      expect(await list(path), path).toMatchObject({ code: 'not-allowed' })
    }
  })

  it('neither shows nor follows a link that leads out', async () => {
    symlinkSync(outside, join(root, 'way-out'))
    symlinkSync('/etc/passwd', join(root, 'passwd'))
    mkdirSync(join(root, 'real'))
    symlinkSync(join(root, 'real'), join(root, 'way-in'))
    symlinkSync(join(root, 'loop'), join(root, 'loop'))
    expect(await names(root)).toEqual(['real', 'way-in'])
    const list = folderLister([root])
    expect(await list(join(root, 'way-out'))).toMatchObject({ code: 'not-allowed' })
    const deeper = join(root, 'way-out', 'deeper', 'still')
    expect(await list(deeper)).toMatchObject({ code: 'not-allowed' })
    expect((await listing(list, join(root, 'way-in'))).path).toBe(join(root, 'real'))
  })

  it.each(['relative', '', '\0', '/a\0b'])('refuses the path %j', async (path) => {
    expect(await folderLister([])(path)).toMatchObject({ code: 'bad-path' })
  })

  it('says what is wrong with a folder', async () => {
    const list = folderLister([root])
    writeFileSync(join(root, 'file'), '')
    expect(await list(join(root, 'no'))).toMatchObject({ code: 'not-found' })
    expect(await list(join(root, 'file'))).toMatchObject({ code: 'not-a-folder' })
    mkdirSync(join(root, 'shut'))
    chmodSync(join(root, 'shut'), 0)
    // The superuser may look into everything.
    if (process.getuid?.() !== 0) {
      expect(await list(join(root, 'shut'))).toMatchObject({ code: 'no-permission' })
    }
    chmodSync(join(root, 'shut'), 0o700)
  })
})
