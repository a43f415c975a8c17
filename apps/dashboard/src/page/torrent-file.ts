/** Larger files are no .torrent files that a node would take. */
export const MAX_TORRENT_FILE_BYTES = 32 * 1024 * 1024
/** A call with more arguments than this can overflow the stack. */
const CHUNK_BYTES = 0x8000

/** The file's bytes in base64. Throws `RangeError` when it is too large, and what the browser throws when it is gone. */
export async function toBase64(file: Blob): Promise<string> {
  if (file.size > MAX_TORRENT_FILE_BYTES) throw new RangeError('too large')
  const bytes = new Uint8Array(await file.arrayBuffer())
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES)))
  return btoa(parts.join(''))
}

export function isTorrentFile(file: File): boolean {
  return /\.torrent$/i.test(file.name) || file.type === 'application/x-bittorrent'
}
