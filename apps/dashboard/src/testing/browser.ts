/** Debian's Chromium, for the tests of the page. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { build } from 'vite'

const CHROMIUM = process.env['PIGEON_CHROMIUM'] ?? '/usr/bin/chromium'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Why the page cannot be tested on this machine; `null` where it can. */
export const browserMissing: string | null = existsSync(CHROMIUM)
  ? null
  : `there is no browser at ${CHROMIUM}; apt-get install chromium, or set PIGEON_CHROMIUM`

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
}

/** Builds the page as it is now, into a new folder when none is named. */
export async function buildPage(
  folder: string = mkdtempSync(join(tmpdir(), 'pigeon-page-')),
): Promise<{ readonly folder: string; remove(): void }> {
  const root = new URL('../..', import.meta.url).pathname
  const before = process.env['NODE_ENV']
  // What users get: under a test runner, Vite would take React as its developers use it.
  process.env['NODE_ENV'] = 'production'
  try {
    await build({
      root: join(root, 'src/page'),
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    })
  } finally {
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
