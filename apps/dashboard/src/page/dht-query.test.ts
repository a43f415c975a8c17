import { DhtQuery } from '@pigeon/control/network'
import { describe, expect, it } from 'vitest'
import { readQuery, TEXT_BYTES, textOfValue } from './dht-query.ts'

const HASH = 'e5f96f6f38320f0f33959cb4d3d656452117aadb'

describe('what is asked of the DHT', () => {
  it.each([
    ['ping', ' router.example:6881 ', { do: 'ping', node: 'router.example:6881' }],
    ['ping', '[2001:db8::1]:1', { do: 'ping', node: '[2001:db8::1]:1' }],
    ['peers', HASH.toUpperCase(), { do: 'peers', infoHash: HASH }],
    ['peers', `magnet:?xt=urn:btih:${HASH}&dn=x`, { do: 'peers', infoHash: HASH }],
    ['get', HASH, { do: 'get', target: HASH }],
    ['put', 'hello', { do: 'put', value: btoa('5:hello') }],
  ] as const)('%s of "%s" is a query that the node understands', (kind, text, query) => {
    expect(readQuery(kind, text)).toEqual({ kind: 'query', query })
    expect(DhtQuery.parse(query)).toEqual(query)
  })

  it.each([
    ['ping', ''],
    ['ping', 'router.example'],
    ['ping', 'router.example:0'],
    ['ping', 'router.example:65536'],
    ['ping', 'http://router.example:80'],
    ['ping', '2001:db8::1:6881'],
    ['peers', HASH.slice(1)],
    ['peers', `magnet:?xt=urn:btih:${HASH}0`],
    ['get', `magnet:?xt=urn:btih:${HASH}`],
    ['put', ''],
  ] as const)('%s of "%s" is wrong', (kind, text) => {
    expect(readQuery(kind, text)).toEqual({ kind: 'wrong' })
  })

  it('takes a text of just the bytes that the DHT takes, and not one more; an umlaut has two', () => {
    expect(readQuery('put', 'x'.repeat(TEXT_BYTES)).kind).toBe('query')
    expect(readQuery('put', 'x'.repeat(TEXT_BYTES + 1))).toEqual({
      kind: 'long',
      bytes: TEXT_BYTES + 1,
    })
    expect(readQuery('put', `${'x'.repeat(TEXT_BYTES - 1)}ü`).kind).toBe('long')
  })
})

describe('a value of the DHT', () => {
  it('is the text of a string that was put', () => {
    const read = readQuery('put', 'Grüße')
    const value = read.kind === 'query' && read.query.do === 'put' ? read.query.value : ''
    expect(textOfValue(value)).toBe('Grüße')
  })

  it.each(['i42e', 'd1:ai1ee', '9:short', 'x'])('is shown as it is otherwise: %s', (bencoded) => {
    expect(textOfValue(btoa(bencoded))).toBe(bencoded)
  })

  it('cannot turn what stands around it', () => {
    expect(textOfValue(btoa('3:\u00e2\u0080\u00ae'))).not.toContain('\u202e')
  })
})
