/** What other users of the machine could do with the configuration file. */
import { statSync } from 'node:fs'
import type { AutomationOptions } from './automation/settings.ts'

const OTHERS_WRITE = 0o002
const OTHERS_READ = 0o004

/** Why a file that says what is executed cannot be relied on; `null` when it can. */
export function refuseWritable(file: string | null, settings: AutomationOptions): string | null {
  if (settings.onCompleteRun.length === 0 || !isOpen(file, OTHERS_WRITE)) return null
  return `${file}: on-complete-run: every user of this machine can write this file, and so choose what is executed; take that away (chmod o-w)`
}

/** That every user can read addresses with a name, a password or a key in them; `null` when none can. */
export function warnReadable(file: string | null, settings: AutomationOptions): string | null {
  const addresses = [settings.onCompleteWebhook, ...settings.feeds.map(({ url }) => url)]
  if (!addresses.some(hasSecret) || !isOpen(file, OTHERS_READ)) return null
  return `${file} has addresses with a password or a key in them, and every user of this machine can read it; take that away (chmod o-r)`
}

function hasSecret(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { username, password, search } = new URL(address)
  return username !== '' || password !== '' || search !== ''
}

function isOpen(file: string | null, mode: number): boolean {
  if (file === null) return false
  const found = statSync(file, { throwIfNoEntry: false })
  return found !== undefined && (found.mode & mode) !== 0
}
