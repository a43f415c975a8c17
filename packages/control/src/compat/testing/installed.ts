/** Programs of other people that a test needs and a machine may lack. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the program is; `null` when it is not installed. */
export function installed(program: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(':')
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null
}
