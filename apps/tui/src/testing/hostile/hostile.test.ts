import '../no-colour.ts'
import type { Problem } from '@pigeon/control/contract'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import { splitWords } from '../../cli/words.ts'
import { crashReport } from '../../cli/crash.ts'
import { runCommandLine } from '../../cli/command-line.ts'
import { Announcer } from '../../cli/announcer.ts'
import { jsonLine, tellProblem } from '../../cli/output.ts'
import { chance, hostileText, MARK } from './payloads.ts'
import { parade } from './parade.ts'
import { type Foreign, foreignIn } from './scan.ts'
import { openTerminalModel } from './terminal-model.ts'

const COLUMNS = 120
const ROWS = 40
/** A million are shown by `node apps/tui/fuzz/terminal.ts`. */
const PAYLOADS = 20_000
/** Of those that were given to it, so many stand in names that are drawn. */
const DRAWN = 4_000

describe('the screen', () => {
  it(`lets nothing through of ${PAYLOADS} texts that want to rule the terminal`, async () => {
    const model = openTerminalModel(COLUMNS, ROWS)
    const foreign: Foreign[] = []
    const writes: Promise<void>[] = []
    const done = await parade({
      payloads: DRAWN,
      seed: 7,
      columns: COLUMNS,
      rows: ROWS,
      onOutput: (text) => {
        foreign.push(...foreignIn(text))
        writes.push(model.write(text))
      },
    })
    await Promise.all(writes)
    expect(foreign).toEqual([])
    expect(model.misdeeds).toEqual([])
    expect(model.isAlternate).toBe(false)
    expect(done.given).toBeGreaterThanOrEqual(PAYLOADS)
    model.close()
  }, 600_000)
})

describe('the scanner', () => {
  it('finds the payloads when they are printed as they are', () => {
    const random = chance(1)
    let found = 0
    for (let count = 0; count < 200; count += 1) {
      if (foreignIn(hostileText(random, 4)).length > 0) found += 1
    }
    expect(found).toBeGreaterThan(180)
  })

  it.each([
    'plain text\r\n',
    '\u001b[?1049h\u001b[?25l\u001b[2J\u001b[H\u001b[1mbold\u001b[22m\u001b[38;5;12mblue\u001b[39m',
    '\u001b[3A\u001b[2K\u001b[1G夢の中へ 👍🏽',
  ])('knows %j as ours', (text) => {
    expect(foreignIn(text)).toEqual([])
  })

  it.each([
    `\u001b[${MARK}m`,
    '\u001b]0;title\u0007',
    '\u001bc',
    '\u009b2J',
    'a\u202eb',
    'a\u0007',
    '\ud800',
    '\u001b[6n',
    '\u001b[5m',
    '\u001b',
    '\u001b[1;',
  ])('knows %j as foreign', (text) => {
    expect(foreignIn(text)).not.toEqual([])
  })
})

/** Answers about network, DHT and wires that are not fit to show. */
function sayHostile(control: FakeControl, text: () => string): void {
  control.inspect = (_, listener) => {
    const fields = [[text(), text()]] as const
    const about = { number: 0, atMs: 0, direction: 'in', bep: 1, lengthBytes: 5 } as const
    const messages = Array.from({ length: 5 }, () => ({ ...about, name: text(), fields }))
    listener({ kind: 'messages', messages, leftOut: 1 })
    return () => {}
  }
  control.network = async () => {
    const status = await FakeControl.prototype.network.call(control)
    const dht = 'dht' in status ? status.dht : []
    const trackers = [{ host: text(), torrents: 1, working: 0, failing: 1, message: text() }]
    return { ...status, dht, trackers, listening: [text()] }
  }
  control.dht = (query) => {
    const nodesAsked = 1
    if (query.do === 'ping')
      return Promise.resolve({ kind: 'pong', nodeId: text(), client: text(), roundTripMs: 1 })
    if (query.do === 'peers') {
      const none = { seeds: null, downloaders: null, nodesAsked }
      return Promise.resolve({ kind: 'peers', peers: [text(), text()], ...none })
    }
    const bytes = Buffer.from(text())
    const value = Buffer.concat([Buffer.from(`${bytes.length}:`), bytes]).toString('base64')
    return Promise.resolve({ kind: 'value', value, nodesAsked })
  }
}

describe('what is printed line by line', () => {
  const random = chance(3)
  const text = (): string => hostileText(random, 5)

  it('is harmless in errors, crashes and JSON', () => {
    const lines: string[] = []
    for (let count = 0; count < 2_000; count += 1) {
      tellProblem({ message: text(), help: text() }, (line) => lines.push(line))
      lines.push(...crashReport(new Error(text())), jsonLine({ [text()]: text() }))
    }
    expect(lines.flatMap(foreignIn)).toEqual([])
  })

  it('is exact in JSON, where it is no half of a character', () => {
    for (let count = 0; count < 2_000; count += 1) {
      const name = Buffer.from(text()).toString()
      expect(JSON.parse(jsonLine({ name }))).toEqual({ name })
    }
  })

  it.each([
    'list',
    'show #1',
    'files #1',
    'peers #1',
    'trackers #1',
    'log #1',
    'tag list',
    'session',
    'network',
    'wire 1 #1 --limit 5',
    `dht get ${'ab'.repeat(20)}`,
    `dht peers ${'ab'.repeat(20)}`,
    'dht ping 192.0.2.7:6881',
  ])(
    'is harmless in the answer of %s, as text and as JSON, even of a node that sends anything',
    async (line) => {
      const control = new FakeControl({ torrentCount: 20 })
      for (const { id } of control.torrents) {
        control.change(id, { name: text(), folder: text(), tags: [text()], tracker: text() })
      }
      control.changeSession({ node: text(), defaultFolder: text() })
      sayHostile(control, text)
      for (const words of [line, `${line} --json`]) {
        const answer = await runCommandLine(control, splitWords(words).words, { selected: [] })
        expect(answer.lines.length).toBeGreaterThan(0)
        expect(answer.lines.flatMap(foreignIn)).toEqual([])
      }
      await control.close()
    },
  )

  it('is harmless in what line mode announces', () => {
    const lines: string[] = []
    const announcer = new Announcer((line) => lines.push(line))
    const { torrents } = new FakeControl({ torrentCount: 20 })
    const problem = (): Problem => ({ code: text(), message: text(), help: text() })
    const diff = { kind: 'diff', number: 1, session: null, removed: [] } as const
    announcer.hear({ ...diff, changed: torrents })
    for (const torrent of torrents) {
      announcer.hear({ ...diff, changed: [{ ...torrent, name: text(), problem: problem() }] })
    }
    announcer.hear({ kind: 'offline', problem: problem() })
    expect(lines).toHaveLength(torrents.length + 1)
    expect(lines.flatMap(foreignIn)).toEqual([])
  })
})
