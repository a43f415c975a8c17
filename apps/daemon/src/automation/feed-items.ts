/** What a feed lists, read from bytes that anybody may have written. */
import { type AnyFeed, parseFeed } from 'feedsmith'

/** Of one feed; further ones are not looked at. */
export const ITEMS_PER_FEED = 1_000
export const TITLE_CHARACTERS = 500
const LINK_CHARACTERS = 8_192

export interface FeedItem {
  /** The same each time the item is listed. */
  readonly key: string
  readonly title: string
  /** A magnet, or the http(s) address of a .torrent file. */
  readonly link: string
}

/** The items that lead to a torrent, in the order of the feed, or why it is no feed. Never throws. */
export function readFeed(
  body: Uint8Array,
  contentType: string,
  feedUrl: string,
): readonly FeedItem[] | string {
  const text = decodeText(body, contentType)
  if (text === null) return 'its encoding is not known'
  try {
    return itemsOf(parseFeed(text, { maxItems: ITEMS_PER_FEED }), feedUrl)
  } catch {
    return 'it is no RSS or Atom feed'
  }
}

/** As its byte-order mark, its Content-Type or its XML declaration says; else UTF-8. */
function decodeText(body: Uint8Array, contentType: string): string | null {
  const head = new TextDecoder('latin1').decode(body.subarray(0, 256))
  const declared = /^[^<]*<\?xml[^>]*\sencoding=["']([\w.:-]{1,40})["']/.exec(head)?.[1]
  const charset = /;\s*charset="?([\w.:-]{1,40})/i.exec(contentType)?.[1]
  const label = markedEncoding(head) ?? charset ?? declared ?? 'utf-8'
  try {
    return new TextDecoder(label).decode(body)
  } catch {
    return null
  }
}

function markedEncoding(head: string): string | undefined {
  if (head.startsWith('\u00FE\u00FF')) return 'utf-16be'
  if (head.startsWith('\u00FF\u00FE')) return 'utf-16le'
  return head.startsWith('\u00EF\u00BB\u00BF') ? 'utf-8' : undefined
}

interface RawItem {
  readonly key: string | undefined
  readonly title: string | undefined
  /** The best first. */
  readonly links: readonly (string | undefined)[]
}

function itemsOf(parsed: AnyFeed, feedUrl: string): readonly FeedItem[] {
  return rawItemsOf(parsed).flatMap(({ key, title, links }) => {
    const usable = links.flatMap((link) => usableLink(link, feedUrl))
    const link = usable.find((each) => each.startsWith('magnet:')) ?? usable[0]
    if (link === undefined) return []
    return [{ key: key ?? link, title: (title ?? '').slice(0, TITLE_CHARACTERS), link }]
  })
}

function rawItemsOf(parsed: AnyFeed): readonly RawItem[] {
  switch (parsed.format) {
    case 'rss':
      return (parsed.feed.items ?? []).map(({ guid, title, link, enclosures = [] }) => ({
        key: guid?.value,
        title,
        links: [...torrentsFirst(enclosures).map(({ url }) => url), link],
      }))
    case 'atom':
      return (parsed.feed.entries ?? []).map(({ id, title, links = [] }) => {
        const enclosures = links.filter(({ rel }) => rel === 'enclosure')
        const others = links.filter(({ rel }) => rel === undefined || rel === 'alternate')
        return {
          key: id,
          title: title?.value,
          links: [...torrentsFirst(enclosures), ...others].map(({ href }) => href),
        }
      })
    case 'rdf':
      return (parsed.feed.items ?? []).map(({ title, link }) => ({
        key: undefined,
        title,
        links: [link],
      }))
    default:
      return (parsed.feed.items ?? []).map(({ id, title, url, attachments = [] }) => ({
        key: id,
        title,
        links: [...attachments.map((each) => each.url), url],
      }))
  }
}

function torrentsFirst<T extends { readonly type?: string | undefined }>(
  links: readonly T[],
): readonly T[] {
  const isTorrent = ({ type }: T): boolean => type === 'application/x-bittorrent'
  return [...links.filter(isTorrent), ...links.filter((link) => !isTorrent(link))]
}

function usableLink(link: string | undefined, feedUrl: string): readonly string[] {
  if (link === undefined || link.length > LINK_CHARACTERS) return []
  if (/^magnet:\?/i.test(link)) return [link.replace(/^magnet/i, 'magnet')]
  const url = URL.parse(link, feedUrl)
  return url !== null && /^https?:$/.test(url.protocol) ? [url.href] : []
}
