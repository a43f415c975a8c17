/** How much script the first sight of the page needs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildPage } from './testing/browser.ts'

const MOST_BYTES = 200 * 1024

let built: Awaited<ReturnType<typeof buildPage>>
beforeAll(async () => {
  built = await buildPage()
}, 120_000)
afterAll(() => built.remove())

/** What the document names, and what these scripts import before they run. */
function initialScripts(): ReadonlySet<string> {
  const document = readFileSync(join(built.folder, 'index.html'), 'utf8')
  const waiting = [...document.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(
    ([, file]) => file,
  )
  const found = new Set<string>()
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue
    found.add(file)
    const code = readFileSync(join(built.folder, file), 'utf8')
    for (const [, name] of code.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+\.js)["'`]/g))
      waiting.push(`assets/${name}`)
  }
  return found
}

it('stays below 200 KiB of packed script before the first list', () => {
  const scripts = initialScripts()
  expect(scripts.size).toBeGreaterThan(1)
  const sizes = [...scripts].map((file) => gzipSync(readFileSync(join(built.folder, file))).length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES)
})

it('leaves the plot, the network and the other language for when they are needed', () => {
  const names = [...initialScripts()].join('\n')
  expect(names).not.toMatch(/rate-plot|network-|wire-|\/de-/)
})

it('names to the service worker the files that there are, all of them', () => {
  const worker = readFileSync(join(built.folder, 'service-worker.js'), 'utf8')
  const named = /"files":(\[[^\]]*\])/.exec(worker)?.[1] ?? '[]'
  const there = readdirSync(join(built.folder, 'assets'))
    .filter((name) => /\.(?:js|css)$/.test(name))
    .map((name) => `assets/${name}`)
  // One that is missing would keep the worker from being installed.
  expect(JSON.parse(named).toSorted()).toEqual(there.toSorted())
})

it('takes no checker of answers along: it would be half of the page, and makes functions of strings', () => {
  const scripts = readdirSync(join(built.folder, 'assets')).filter((name) => name.endsWith('.js'))
  const withChecker = scripts.filter((name) =>
    readFileSync(join(built.folder, 'assets', name), 'utf8').includes('ZodError'),
  )
  expect(withChecker).toEqual([])
})
