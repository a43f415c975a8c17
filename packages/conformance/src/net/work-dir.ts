/** Where clients keep payload and state during a run: memory if the machine has a tmpfs, so that no disk sets the pace. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const WORK_DIR = 'PIGEON_CONFORM_WORK'
const TMPFS = '/dev/shm'

/** Made outside the namespace, by the process that will be there at the end to remove it. */
export function makeWorkDir(): {
  readonly dir: string
  readonly env: Record<string, string>
  remove(): void
} {
  const dir = mkdtempSync(join(hasTmpfs() ? TMPFS : tmpdir(), 'pigeon-conform-'))
  return {
    dir,
    env: { [WORK_DIR]: dir },
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }),
  }
}

function hasTmpfs(): boolean {
  try {
    accessSync(TMPFS, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The run's folder, as seen from inside the namespace. */
export function workDir(): string {
  const dir = process.env[WORK_DIR]
  if (dir === undefined)
    throw new Error(`${WORK_DIR} is not set: the run was not started through the namespace`)
  return dir
}
