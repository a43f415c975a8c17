/** Gives something to the user: into the clipboard, or as a file. */
import { tell } from './store.ts'
import { strings } from './strings.ts'

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    tell('good', strings.copied)
    return true
  } catch {
    // Not allowed, or not a secure context: only loopback and https have a clipboard.
    tell('bad', strings.failed.clipboard, strings.failed.clipboardHelp)
    return false
  }
}

export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
