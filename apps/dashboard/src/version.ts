import { readFileSync } from 'node:fs'

/** Names the state folder and the configuration file. */
export const CLIENT = 'pigeon-web'

/** Such as `pigeon-web 0.1.0`: to users, and to peers. */
export const CLIENT_NAME = `${CLIENT} ${versionOf(readManifest())}`

function readManifest(): unknown {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
}

function versionOf(manifest: unknown): string {
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return isManifest ? String(manifest.version) : 'unknown'
}
