/** The built page, read into memory once. Requests are looked up in a map; no path from a request touches the disk. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface Asset {
  readonly contentType: string
  readonly body: Buffer
  /** `null` where packing saves nothing. */
  readonly gzip: Buffer | null
  readonly etag: string
  /** The name holds a hash of the content. */
  readonly isImmutable: boolean
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
}

/** Reads a built page, by URL path (`/index.html`, `/assets/...`). Throws when the folder cannot be read. */
export function readPageAssets(folder: string): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const contentType = CONTENT_TYPES[extname(entry.name)]
    if (contentType === undefined) continue
    const urlPath = file.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/')
    assets.set(urlPath, toAsset(readFileSync(file), contentType, urlPath.startsWith('/assets/')))
  }
  return assets
}

function toAsset(body: Buffer, contentType: string, isImmutable: boolean): Asset {
  const packed = gzipSync(body)
  return {
    contentType,
    body,
    gzip: packed.length < body.length ? packed : null,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    isImmutable,
  }
}
