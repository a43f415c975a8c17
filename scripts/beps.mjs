/** Prints docs/beps.md from the registry of the protocol package; with --check, only tells whether it is current. */
import { readFileSync, writeFileSync } from 'node:fs'
import { BEPS } from '../packages/protocol/src/bep/registry.ts'
import { bepsPage } from '../packages/protocol/src/testing/beps-page.ts'

const file = new URL('../docs/beps.md', import.meta.url)
const page = bepsPage(BEPS)
if (!process.argv.includes('--check')) {
  writeFileSync(file, page)
} else if (readFileSync(file, 'utf8') !== page) {
  console.error('docs/beps.md is stale: run `node scripts/beps.mjs`')
  process.exitCode = 1
}
