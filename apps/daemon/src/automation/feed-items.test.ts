import { describe, expect, it } from 'vitest'
import { type FeedItem, ITEMS_PER_FEED, readFeed, TITLE_CHARACTERS } from './feed-items.ts'

const URL_OF_FEED = 'http://feeds.test/deep/rss'

function read(text: string | Uint8Array, contentType = ''): readonly FeedItem[] | string {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return readFeed(bytes, contentType, URL_OF_FEED)
}

function rss(items: string, head = '<?xml version="1.0"?>'): string {
  return `${head}<rss version="2.0"><channel><title>t</title>${items}</channel></rss>`
}

const MAGNET = `magnet:?xt=urn:btih:${'a'.repeat(40)}`

describe('where an item leads', () => {
  it('is its magnet, else its torrent, else its link, in RSS', () => {
    const enclosure = (url: string, type: string) =>
      `<enclosure url="${url}" type="${type}" length="1"/>`
    const items = read(
      rss(
        `<item><title>A &amp; B</title><guid>1</guid><link>${MAGNET}</link>${enclosure('http://h/a', 'application/x-bittorrent')}</item>` +
          `<item><title>C</title><guid>2</guid><link>http://h/page</link>${enclosure('http://h/p.jpg', 'image/jpeg')}${enclosure('/c.torrent', 'application/x-bittorrent')}</item>` +
          '<item><title>D</title><link>http://h/d.torrent</link></item>' +
          '<item><title>nothing</title></item>' +
          '<item><title>bad</title><link>file:///etc/passwd</link></item>' +
          '<item><title>bad</title><link>javascript:alert(1)</link></item>',
      ),
    )
    expect(items).toEqual([
      { key: '1', title: 'A & B', link: MAGNET },
      { key: '2', title: 'C', link: 'http://feeds.test/c.torrent' },
      { key: 'http://h/d.torrent', title: 'D', link: 'http://h/d.torrent' },
    ])
  })

  it('is its enclosure, else its link, in Atom', () => {
    const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>
      <entry><title>A</title><id>1</id><link rel="enclosure" href="http://h/a.torrent"/><link href="http://h/page"/></entry>
      <entry><title type="html">B</title><id>2</id><link href="${MAGNET}"/></entry></feed>`
    expect(read(atom)).toEqual([
      { key: '1', title: 'A', link: 'http://h/a.torrent' },
      { key: '2', title: 'B', link: MAGNET },
    ])
  })
})

describe('hostile feeds', () => {
  it('make no entity grow and read no file', () => {
    const entities = Array.from(
      { length: 9 },
      (_, n) => `<!ENTITY lol${n + 1} "${`&lol${n === 0 ? '' : n};`.repeat(10)}">`,
    )
    const head = `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY lol "lol">${entities.join('')}]>`
    const bombed = read(rss(`<item><title>&lol9;</title><link>${MAGNET}</link></item>`, head))
    expect(JSON.stringify(bombed).length).toBeLessThan(10_000)
    const outside = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    const leaked = read(rss(`<item><title>&x;</title><link>${MAGNET}</link></item>`, outside))
    expect(JSON.stringify(leaked)).not.toContain('root:')
  })

  it.each([
    ['nothing', ''],
    ['a page', '<html><body>Log in first</body></html>'],
    ['an open tag', '<rss><channel><item>'],
    ['very deep tags', `<rss version="2.0"><channel>${'<a>'.repeat(200_000)}`],
    ['very many attributes', `<rss ${'a="1" '.repeat(50_000)}`],
    ['noise', '\u0000\u0001<<<>>>&&&;;'],
    ['other JSON', '{"a":1}'],
  ])('are refused in words when they are %s', (_, text) => {
    expect(read(text)).toBe('it is no RSS or Atom feed')
  })

  it('give no more items than the limit, and no longer titles', () => {
    const item = (number: number) =>
      `<item><guid>${number}</guid><title>${'x'.repeat(TITLE_CHARACTERS + 1)}</title><link>${MAGNET}</link></item>`
    const listed = (count: number) =>
      read(rss(Array.from({ length: count }, (_, n) => item(n)).join('')))
    expect(listed(ITEMS_PER_FEED)).toHaveLength(ITEMS_PER_FEED)
    const cut = listed(ITEMS_PER_FEED + 1)
    expect(cut).toHaveLength(ITEMS_PER_FEED)
    expect(typeof cut === 'string' ? null : cut[0]?.title.length).toBe(TITLE_CHARACTERS)
  })
})

describe('encodings', () => {
  const body = (label: string) =>
    rss(
      `<item><title>Été</title><link>${MAGNET}</link></item>`,
      `<?xml version="1.0" encoding="${label}"?>`,
    )
  const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
  const utf16 = (text: string) => new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le'))

  it.each([
    ['UTF-8', new TextEncoder().encode(body('utf-8')), ''],
    ['what the declaration says', latin1(body('iso-8859-1')), ''],
    ['what Content-Type says', latin1(body('utf-8')), 'text/xml; charset="ISO-8859-1"'],
    ['what the byte-order mark says', utf16(body('utf-16')), ''],
  ])('are read as %s', (_, bytes, contentType) => {
    expect(read(bytes, contentType)).toMatchObject([{ title: 'Été' }])
  })

  it('that nobody knows are refused, and wrong bytes are not fatal', () => {
    expect(read(body('klingon-8'))).toBe('its encoding is not known')
    expect(read(latin1(body('utf-8')))).toMatchObject([{ title: '\uFFFDt\uFFFD' }])
  })
})
