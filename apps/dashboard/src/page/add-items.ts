/** What the form for adding is about to add: each thing with a name that tells it from the others. */
import type { AddSource } from '@pigeon/control/contract'
import { findSources } from './sources.ts'
import { toBase64 } from './torrent-file.ts'

export interface AddItem {
  readonly key: string
  /** How the user knows it. */
  readonly label: string
  readonly kind: AddSource['kind']
  readonly read: () => Promise<AddSource>
  /** Set where it came from the text. */
  readonly word: string | null
  readonly file: File | null
}

/** Each once, however often it was pasted. */
export function itemsOf(text: string, files: readonly File[]): readonly AddItem[] {
  const items = new Map<string, AddItem>()
  for (const { source, word } of findSources(text).found) {
    const label = source.kind === 'magnet' ? magnetName(source.uri) : word
    const key = `${source.kind} ${word}`
    const read = (): Promise<AddSource> => Promise.resolve(source)
    items.set(key, { key, label, kind: source.kind, read, word, file: null })
  }
  for (const file of files) {
    const key = `file ${file.name} ${file.size} ${file.lastModified}`
    let source: Promise<AddSource> | null = null
    const read = (): Promise<AddSource> => (source ??= readFile(file))
    items.set(key, { key, label: file.name, kind: 'metainfo', read, word: null, file })
  }
  return [...items.values()]
}

async function readFile(file: File): Promise<AddSource> {
  return { kind: 'metainfo', base64: await toBase64(file) }
}

/** What the link says of itself; it is foreign text, and shown as text only. */
function magnetName(uri: string): string {
  const fields = new URLSearchParams(uri.replace(/^magnet:\?/i, ''))
  return fields.get('dn') || fields.get('xt') || uri
}

/** The text without one word of it. */
export function withoutWord(text: string, word: string): string {
  return text
    .split(/\s+/)
    .filter((each) => each !== word)
    .join('\n')
}
