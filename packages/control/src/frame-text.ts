/** The text of a WebSocket message, however `ws` hands it over. */
import type { RawData } from 'ws'

export function frameText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString()
}
