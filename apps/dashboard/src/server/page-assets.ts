/** The built page, read into memory once. Requests are looked up in a map; no path from a request touches the disk. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

export interface Asset {
  readonly contentType: string
  readonly body: Buffer
  /** `null` where packing saves nothing. */
  readonly brotli: Buffer | null
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
  '.webmanifest': 'application/manifest+json; charset=utf-8',
}

/** Images are packed in themselves. */
const PACKABLE = /^(?!image\/png)/

/**
 * Reads a built page, by URL path (`/index.html`, `/assets/...`). The build writes addresses that begin with `./`
 * where they mean the base path; only here is it known. Throws when the folder cannot be read.
 */
export function readPageAssets(folder: string, base = '/'): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const contentType = CONTENT_TYPES[extname(entry.name)]
    if (contentType === undefined) continue
    const urlPath = file.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/')
    const asset = urlPath.endsWith('.html')
      ? toAsset(placeDocument(readFileSync(file), base), contentType)
      : readAsset(file, contentType, urlPath.startsWith('/assets/'))
    assets.set(urlPath, asset)
  }
  return assets
}

function placeDocument(body: Buffer, base: string): Buffer {
  return Buffer.from(body.toString().replaceAll('="./', `="${base}`))
}

function readAsset(file: string, contentType: string, isImmutable: boolean): Asset {
  const packed = (ending: string): Buffer | undefined =>
    existsSync(`${file}${ending}`) ? readFileSync(`${file}${ending}`) : undefined
  const built = { brotli: packed('.br'), gzip: packed('.gz') }
  return { ...toAsset(readFileSync(file), contentType, built), isImmutable }
}

/** Packs what the build has not packed. */
function toAsset(
  body: Buffer,
  contentType: string,
  built: { readonly brotli?: Buffer | undefined; readonly gzip?: Buffer | undefined } = {},
): Asset {
  const isPackable = PACKABLE.test(contentType)
  const smaller = (packed: Buffer): Buffer | null => (packed.length < body.length ? packed : null)
  return {
    contentType,
    body,
    brotli: isPackable ? smaller(built.brotli ?? brotliCompressSync(body)) : null,
    gzip: isPackable ? smaller(built.gzip ?? gzipSync(body)) : null,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    isImmutable: false,
  }
}
