import { describe, expect, it } from 'vitest'
import { findSources, isAddable, MAX_SOURCES } from './sources.ts'

const V1 = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'
const V2 = 'd8dd32ac93357c368556af3ac1d95c9d76bd0dff6fa9833ecdac3d53134efabb'
const BASE32 = 'YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK'

describe('what a text holds to add', () => {
  it('takes magnets and web addresses as they are', () => {
    const magnet = `magnet:?xt=urn:btih:${V1}&dn=a+b`
    expect(
      findSources(`${magnet}\n https://example.org/a.torrent`).found.map(({ source }) => source),
    ).toEqual([
      { kind: 'magnet', uri: magnet },
      { kind: 'url', url: 'https://example.org/a.torrent' },
    ])
  })

  it('makes magnets of bare info-hashes, in hex or base32, of either version', () => {
    expect(
      findSources(`${V1} ${BASE32} ${V2.toUpperCase()}`).found.map(({ source }) => source),
    ).toEqual([
      { kind: 'magnet', uri: `magnet:?xt=urn:btih:${V1}` },
      { kind: 'magnet', uri: `magnet:?xt=urn:btih:${BASE32}` },
      { kind: 'magnet', uri: `magnet:?xt=urn:btmh:1220${V2.toUpperCase()}` },
    ])
  })

  it('passes over comment lines as drop lists have them', () => {
    expect(findSources(`# list\n${V1}`).unknown).toEqual(['list'])
    expect(findSources(`#list\r\n${V1}`).unknown).toEqual([])
  })

  it.each(['hello', 'javascript:alert(1)', 'file:///etc/passwd', 'http://', V1.slice(1), ''])(
    'takes nothing of %j',
    (text) => {
      expect(findSources(text).found.map(({ source }) => source)).toEqual([])
      expect(isAddable(text)).toBe(false)
    },
  )

  it('does not take a paste in which only some words can be added', () => {
    expect(isAddable(`look at ${V1}`)).toBe(false)
  })

  it('takes as many as the limit says, and calls one more unknown', () => {
    const text = (count: number): string => Array.from({ length: count }, () => V1).join('\n')
    expect(findSources(text(MAX_SOURCES)).unknown).toHaveLength(0)
    expect(findSources(text(MAX_SOURCES + 1)).unknown).toHaveLength(1)
  })
})
