import { describeOptions, resolveSettings } from '@pigeon/node/setting-sources'
import { describe, expect, it } from 'vitest'
import {
  AUTOMATION_OPTIONS,
  FEEDS,
  LEAST_FEED_MS,
  RULES_PER_FEED,
  toToml,
  WATCHED_FOLDERS,
  WORDS_PER_RULE,
} from './settings.ts'

function load(text: string) {
  return resolveSettings(AUTOMATION_OPTIONS, {
    flags: {},
    env: {},
    file: { path: '/c.toml', text },
  })
}

function problemOf(text: string): string {
  const loaded = load(text)
  return loaded.ok ? 'none' : (loaded.problems[0]?.message ?? '')
}

it('comes from the file alone', () => {
  expect(describeOptions(AUTOMATION_OPTIONS).map(({ isFileOnly }) => isFileOnly)).not.toContain(
    false,
  )
  const flags = { onCompleteRun: ['/bin/evil'] }
  const env = { PIGEON_ON_COMPLETE_RUN: '["/bin/evil"]', PIGEON_WATCH: '["/"]' }
  const loaded = resolveSettings(AUTOMATION_OPTIONS, { flags, env, file: null })
  expect(loaded).toMatchObject({ settings: { onCompleteRun: [], watch: [] } })
})

it('can be written short and long, and shown so that it reads back', () => {
  const text = `
on-complete-run = ["/usr/bin/notify", "a \\"b\\""]
on-complete-webhook = "https://hooks.test/x"
watch = ["/in", { path = "/tv", category = "tv", paused = true, folder = "/srv/tv", done = "/done", tags = ["a"] }]
[[feeds]]
url = "https://feeds.test/rss"
every = "15 min"
rules = [{ include = ["linux", "amd64"], exclude = ["beta"], category = "iso" }, { folder = "/srv" }]
`
  const loaded = load(text)
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message)
  expect(loaded.settings).toMatchObject({
    onCompleteRun: ['/usr/bin/notify', 'a "b"'],
    watch: [{ path: '/in' }, { path: '/tv', paused: true, done: '/done' }],
    feeds: [{ every: 900_000, rules: [{ include: ['linux', 'amd64'] }, { include: [] }] }],
  })
  const { watch, feeds, onCompleteRun } = AUTOMATION_OPTIONS
  const again = load(
    `watch = ${watch.kind.show(loaded.settings.watch)}
feeds = ${feeds.kind.show(loaded.settings.feeds)}
on-complete-run = ${onCompleteRun.kind.show(loaded.settings.onCompleteRun)}
on-complete-webhook = ${AUTOMATION_OPTIONS.onCompleteWebhook.kind.show(loaded.settings.onCompleteWebhook)}`,
  )
  expect(again).toMatchObject({ settings: loaded.settings })
})

describe('what is wrong is said with its place', () => {
  it.each([
    ['on-complete-run = ["notify"]', /^on-complete-run: expected the absolute path of a program/],
    ['on-complete-run = "/bin/x; rm"', /^on-complete-run: /],
    ['on-complete-run = ["/bin/x", "a\\u0000"]', /^on-complete-run\[1\]: /],
    ['on-complete-webhook = "file:///etc/passwd"', /^on-complete-webhook: /],
    ['watch = [{ folder = "/x" }]', /^watch\[0\]\.path: expected the path of a folder/],
    ['watch = [{ path = "/x", paussed = true }]', /^watch\[0\]: .*paussed/],
    ['watch = ["/x", "/x"]', /^watch\[1\]: this folder is watched twice/],
    [
      'watch = ["/x", { path = "/y", done = "/x" }]',
      /^watch\[1\]\.done: expected a folder that is not/,
    ],
    ['feeds = [{ url = "ftp://x/", rules = [{}] }]', /^feeds\[0\]\.url: expected an http/],
    ['feeds = [{ url = "http://x/", rules = [] }]', /^feeds\[0\]\.rules: /],
    [
      'feeds = [{ url = "http://x/", every = "4 min", rules = [{}] }]',
      /^feeds\[0\]\.every: expected a time from 5 min/,
    ],
    [
      'feeds = [{ url = "http://x/", rules = [{ include = ["-"] }] }]',
      /^feeds\[0\]\.rules\[0\]\.include\[0\]: expected a word/,
    ],
  ])('%s', (text, message) => {
    expect(problemOf(text)).toMatch(message)
  })
})

describe('the limits', () => {
  const times = (count: number, make: (number: number) => string) =>
    `[${Array.from({ length: count }, (_, number) => make(number)).join(', ')}]`
  const rule = (words: number) => `{ include = ${times(words, () => '"a"')} }`
  const feed = (rules: number) => `{ url = "http://x/", rules = ${times(rules, () => '{}')} }`

  it.each([
    ['watched folders', WATCHED_FOLDERS, (n: number) => `watch = ${times(n, (i) => `"/w${i}"`)}`],
    ['feeds', FEEDS, (n: number) => `feeds = ${times(n, () => feed(1))}`],
    ['rules', RULES_PER_FEED, (n: number) => `feeds = [${feed(n)}]`],
    [
      'words',
      WORDS_PER_RULE,
      (n: number) => `feeds = [{ url = "http://x/", rules = [${rule(n)}] }]`,
    ],
  ])('of %s is %i', (_, limit, text) => {
    expect(problemOf(text(limit))).toBe('none')
    expect(problemOf(text(limit + 1))).not.toBe('none')
  })

  it('of the time between two looks is in the settings, not only in the words', () => {
    const every = (seconds: number) =>
      `feeds = [{ url = "http://x/", every = ${seconds}, rules = [{}] }]`
    expect(problemOf(every(LEAST_FEED_MS / 1000))).toBe('none')
    expect(problemOf(every(LEAST_FEED_MS / 1000 - 1))).not.toBe('none')
  })
})

it('writes TOML on one line', () => {
  expect(toToml({ a: ['x"y', 1, true], b: undefined, c: { d: [] } })).toBe(
    '{ a = ["x\\"y", 1, true], c = { d = [] } }',
  )
})
