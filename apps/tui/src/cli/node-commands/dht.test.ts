import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DhtAnswer, DhtQuery, NetworkStatus } from '@pigeon/control/network'
import { isProblem, problem } from '@pigeon/control/problems'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { createSignaturePort } from '@pigeon/node/signatures'
import { signedBytes } from '@pigeon/protocol/bep/0044-items'
import { fromHex, utf8Encode } from '@pigeon/protocol/bytes'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder } from '../../testing/run-pigeon.ts'
import { type LineAnswer, runCommandLine } from '../command-line.ts'
import { splitWords } from '../words.ts'

const HASH = '7c1a46eb2ac9b8d4be5a3ad2f6cbd8a2fa1cd9a4'
const TARGET = 'e5f96f6f38320f0f33959cb4d3d656452117aadb'
const KEY = '77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548'
const NOTHING = { kind: 'mutable', value: null, seq: null, signature: null, nodesAsked: 8 } as const

/** Remembers what it was asked, and says what the test wants it to. */
class AskedControl extends FakeControl {
  readonly queries: DhtQuery[] = []
  answer: ((query: DhtQuery) => DhtAnswer | null) | null = null

  override async dht(query: DhtQuery) {
    this.queries.push(query)
    return this.answer?.(query) ?? super.dht(query)
  }
}

let control: AskedControl
let folder: ReturnType<typeof makeFolder>
beforeEach(() => {
  control = new AskedControl({ torrentCount: 2 })
  folder = makeFolder()
})
afterEach(async () => {
  await control.close()
  folder.remove()
})

function run(line: string): Promise<LineAnswer> {
  return runCommandLine(control, splitWords(line.trim()).words, { selected: [] })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const valueOf = (text: string): ((query: DhtQuery) => DhtAnswer) => {
  return () => ({ kind: 'value', value: base64(text), nodesAsked: 3 })
}

describe('dht ping', () => {
  it('says which node answers, and how fast', async () => {
    const { lines } = await run('dht ping router.example:6881')
    expect(control.queries).toEqual([{ do: 'ping', node: 'router.example:6881' }])
    expect(lines.join('\n')).toMatch(/node id +[0-9a-f]{40}[^]*23 ms/)
  })

  it.each(['x', '192.0.2.7', '192.0.2.7:0', '192.0.2.7:65536', ':6881', '2001:db8::7:6881'])(
    'refuses %s, which is no node',
    async (node) => {
      const answer = await run(`dht ping ${node}`)
      expect(answer.problem?.code).toBe('bad-value')
      expect(control.queries).toEqual([])
    },
  )
})

describe('dht peers', () => {
  it.each([
    ['the info-hash', HASH],
    ['the info-hash in capitals', HASH.toUpperCase()],
    ['a magnet link', `magnet:?xt=urn:btih:${HASH}&dn=x`],
    ['the beginning of a v2 info-hash', `${HASH}${'ab'.repeat(12)}`],
  ])('asks by %s', async (_, word) => {
    const { lines, problem: failed } = await run(`dht peers "${word}"`)
    expect(failed).toBeNull()
    expect(control.queries).toEqual([{ do: 'peers', infoHash: HASH }])
    expect(lines.slice(0, 2)).toEqual(['203.0.113.9:6881', '[2001:db8::9]:51413'])
    expect(lines[2]).toBe('2 peers; 41 nodes asked. The swarm: about 14 seeds, 3 others.')
  })

  it.each(['', 'abc', HASH.slice(1), `${HASH}00`, 'magnet:?dn=x', 'zz'.repeat(20)])(
    'refuses "%s"',
    async (word) => {
      const answer = await run(`dht peers "${word}"`)
      expect(answer.problem?.code).toBe('bad-value')
      expect(control.queries).toEqual([])
    },
  )

  it('fails when there are none', async () => {
    const nobody = { seeds: null, downloaders: null, nodesAsked: 1 }
    control.answer = () => ({ kind: 'peers', peers: [], ...nobody })
    const answer = await run(`dht peers ${HASH}`)
    expect(answer.problem).toMatchObject({
      code: 'nothing-found',
      message: 'Nobody in the DHT has peers of that torrent (1 node asked).',
    })
  })
})

describe('dht get', () => {
  it.each([
    ['a text as it is', '12:Hello World!', ['Hello World!']],
    ['a text of several lines', '5:a\nb\nc', ['a', 'b', 'c']],
    ['a number', 'i42e', ['42']],
    ['a list and a dictionary', 'd1:al1:x1:yee', ['{ "a": [ "x", "y" ] }']],
    ['what is no text', '2:\u0000\u0001', ['␀␁']],
    ['what wants to rule the terminal', '6:\u001b[2Jab', ['␛[2Jab']],
  ])('shows %s', async (_, stored, shown) => {
    control.answer = valueOf(stored)
    const { lines } = await run(`dht get ${TARGET}`)
    expect(lines.slice(0, -1)).toEqual(shown)
  })

  it('shows bytes that are no UTF-8 as hex', async () => {
    const value = Buffer.from([0x32, 0x3a, 0xff, 0xfe]).toString('base64')
    control.answer = () => ({ kind: 'value', value, nodesAsked: 1 })
    const { lines } = await run(`dht get ${TARGET}`)
    expect(lines[0]).toBe('hex fffe')
  })

  it('asks for what the owner of a key stored under a salt', async () => {
    const { lines } = await run(`dht get --key ${KEY} --salt foo`)
    expect(control.queries).toEqual([{ do: 'get-mutable', publicKey: KEY, salt: base64('foo') }])
    expect(lines).toEqual(['hello', 'sequence number 4; 38 nodes asked.'])
  })

  it.each([
    ['', 'usage'],
    [`${TARGET} --key ${KEY}`, 'usage'],
    [`${TARGET} --salt x`, 'usage'],
    ['abc', 'bad-value'],
    [KEY, 'bad-value'],
    [`--key ${TARGET}`, 'bad-value'],
    [`--key ${KEY} --salt ${'x'.repeat(65)}`, 'bad-value'],
  ])('refuses "dht get %s"', async (words, code) => {
    const answer = await run(`dht get ${words}`)
    expect(answer.problem?.code).toBe(code)
    expect(control.queries).toEqual([])
  })

  it('fails when nobody has it', async () => {
    control.answer = () => ({ kind: 'value', value: null, nodesAsked: 9 })
    const answer = await run(`dht get ${TARGET}`)
    expect(answer.problem?.message).toBe('Nobody in the DHT has such a value (9 nodes asked).')
  })
})

describe('dht put', () => {
  it('stores a text as a bencoded string, and prints where', async () => {
    const { lines } = await run('dht put "Hello World!"')
    expect(control.queries).toEqual([{ do: 'put', value: base64('12:Hello World!') }])
    expect(lines).toEqual([TARGET, '17 nodes took it.'])
  })

  it('stores what is bencoded already as it is', async () => {
    await run('dht put d1:ai1ee --bencoded')
    expect(control.queries).toEqual([{ do: 'put', value: base64('d1:ai1ee') }])
    const answer = await run('dht put d1:ai1e --bencoded')
    expect(answer.problem?.code).toBe('bad-value')
  })

  it('stores what a file holds', async () => {
    const path = join(folder.path, 'value')
    writeFileSync(path, 'from a file')
    await run(`dht put --file ${path}`)
    expect(control.queries).toEqual([{ do: 'put', value: base64('11:from a file') }])
  })

  it('takes 1000 bytes with what says their length, and not one more', async () => {
    expect((await run(`dht put ${'x'.repeat(996)}`)).problem).toBeNull()
    const answer = await run(`dht put ${'x'.repeat(997)}`)
    expect(answer.problem).toMatchObject({
      code: 'too-large',
      message: 'The value takes 1001 bytes as the DHT keeps it; 1000 are allowed.',
    })
    const whole = await run(`dht put ${'x'.repeat(1_001)} --bencoded`)
    expect(whole.problem?.code).toBe('too-large')
  })

  it('fails when no node takes it', async () => {
    control.answer = () => ({ kind: 'stored', target: TARGET, nodes: 0 })
    expect((await run('dht put x')).problem?.code).toBe('nobody-took-it')
  })

  it.each([
    ['', 'usage'],
    ['x --file y', 'usage'],
    ['x --seq 1', 'usage'],
    ['x --cas 1', 'usage'],
    ['x --salt y', 'usage'],
    ['--file /nonexistent', 'unreadable'],
    ['x --key-file /nonexistent', 'unreadable'],
  ])('refuses "dht put %s"', async (words, code) => {
    const answer = await run(`dht put ${words}`)
    expect(answer.problem?.code).toBe(code)
    expect(control.queries).toEqual([])
  })
})

describe('dht put with a key', () => {
  let keyFile: string
  let publicKey: string
  beforeEach(async () => {
    keyFile = join(folder.path, 'my.key')
    const { lines } = await run(`dht key ${keyFile}`)
    publicKey = lines[0] ?? ''
  })

  function putQuery(): Extract<DhtQuery, { do: 'put-mutable' }> {
    const query = control.queries.at(-1)
    if (query?.do !== 'put-mutable') throw new Error('nothing was put')
    return query
  }

  it('signs value, salt and sequence number with that key', async () => {
    const { problem: failed } = await run(
      `dht put "Hello World!" --key-file ${keyFile} --salt foobar --seq 7 --cas 6`,
    )
    expect(failed).toBeNull()
    const { signature, ...rest } = putQuery()
    expect(rest).toEqual({
      ...{ do: 'put-mutable', value: base64('12:Hello World!'), publicKey },
      ...{ salt: base64('foobar'), seq: '7', cas: '6' },
    })
    const signed = signedBytes({
      ...{ salt: utf8Encode('foobar'), seq: 7n, value: utf8Encode('12:Hello World!') },
    })
    const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0)
    expect(createSignaturePort().verify(bytes(publicKey), signed, bytes(signature))).toBe(true)
    expect(JSON.stringify(control.queries)).not.toContain(readFileSync(keyFile, 'utf8').trim())
  })

  it('takes the number after the one that is stored', async () => {
    const { lines } = await run(`dht put x --key-file ${keyFile}`)
    expect(control.queries.map((query) => query.do)).toEqual(['get-mutable', 'put-mutable'])
    expect(putQuery().seq).toBe('5')
    expect(lines).toContain(`Its public key: ${publicKey}`)
  })

  it('begins with 1 where nothing is stored', async () => {
    control.answer = (query) => (query.do === 'get-mutable' ? NOTHING : null)
    await run(`dht put x --key-file ${keyFile}`)
    expect(putQuery().seq).toBe('1')
  })

  it('goes to the largest sequence number, and no further', async () => {
    const largest = String(2n ** 63n - 1n)
    await run(`dht put x --key-file ${keyFile} --seq ${largest}`)
    expect(putQuery().seq).toBe(largest)
    const beyond = await run(`dht put x --key-file ${keyFile} --seq ${String(2n ** 63n)}`)
    expect(beyond.problem?.code).toBe('bad-value')
    control.answer = (query) => (query.do === 'get-mutable' ? { ...NOTHING, seq: largest } : null)
    const full = await run(`dht put x --key-file ${keyFile}`)
    expect(full.problem?.message).toMatch(/largest sequence number/)
  })

  it('makes a key file that only its owner can read, and never another in its place', async () => {
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    const before = readFileSync(keyFile, 'utf8')
    expect(before).toMatch(/^[0-9a-f]{64}\n$/)
    const again = await run(`dht key ${keyFile}`)
    expect(again.lines[0]).toBe(publicKey)
    expect(readFileSync(keyFile, 'utf8')).toBe(before)
  })

  it('uses no key that others can read, and none that is no key', async () => {
    const open = join(folder.path, 'open.key')
    writeFileSync(open, readFileSync(keyFile), { mode: 0o644 })
    const answer = await run(`dht put x --key-file ${open} --seq 1`)
    expect(answer.problem?.message).toMatch(/can be read by others/)
    const broken = join(folder.path, 'broken.key')
    writeFileSync(broken, 'ab', { mode: 0o600 })
    const other = await run(`dht put x --key-file ${broken} --seq 1`)
    expect(other.problem?.message).toMatch(/holds no key/)
    expect(control.queries).toEqual([])
  })
})

describe('a node that has just started', () => {
  async function dhtStates(...states: readonly NetworkStatus['dht'][number]['state'][]) {
    const status = await control.network()
    if (isProblem(status)) throw new Error(status.message)
    const [dht] = status.dht
    if (dht === undefined) throw new Error('the made-up node has a DHT')
    let asked = 0
    control.network = () => {
      const state = states[Math.min(asked, states.length - 1)] ?? 'ready'
      asked += 1
      return Promise.resolve({ ...status, dht: [{ ...dht, state }] })
    }
  }

  it('is given time to find others', async () => {
    await dhtStates('bootstrapping', 'ready')
    const { lines, problem: failed } = await run(`dht get ${TARGET}`)
    expect(failed).toBeNull()
    expect(lines[0]).toBe('Looking for nodes of the DHT.')
    expect(control.queries).toHaveLength(1)
  })

  it('is not asked when nobody answers it', async () => {
    await dhtStates('bootstrapping', 'lonely')
    const answer = await run(`dht get ${TARGET}`)
    expect(answer.problem?.code).toBe('dht-alone')
    expect(control.queries).toEqual([])
  })

  it('says itself that its DHT is off', async () => {
    control.changeSession({ isDhtOn: false })
    expect((await run(`dht get ${TARGET}`)).problem?.code).toBe('dht-off')
  })

  it('may be one that says nothing of its network', async () => {
    control.network = () => Promise.resolve(problem('unsupported', 'No.', ''))
    expect((await run(`dht get ${TARGET}`)).problem).toBeNull()
  })
})
