/** `pigeon metainfo`: the .torrent file of a torrent, saved on the machine of whoever asks. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Problem } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import { toDisplay } from '@pigeon/protocol/display'
import { jsonLine } from '../output.ts'
import { hasFlag, type NodeAction, textFlag } from './around.ts'
import { torrentGiven } from './perform.ts'

export const metainfo: NodeAction = async (around, given) => {
  const torrent = await torrentGiven(around, given.args[0])
  if (isProblem(torrent)) return torrent
  const bytes = await around.control.metainfo(torrent.id)
  if (bytes === null) return UNKNOWN_METADATA
  const output = textFlag(given, 'output')
  if (output === '-') return around.printBytes(bytes)
  const path = resolve(output ?? `${fileName(torrent.name)}.torrent`)
  const failed = await save(path, bytes, hasFlag(given, 'force'))
  if (failed !== null) return failed
  const said = { path: toDisplay(path, 4096), lengthBytes: bytes.length }
  around.print(hasFlag(given, 'json') ? jsonLine(said) : `Saved as ${said.path}.`)
  return null
}

async function save(path: string, bytes: Uint8Array, isForced: boolean): Promise<Problem | null> {
  try {
    await writeFile(path, bytes, { flag: isForced ? 'w' : 'wx' })
    return null
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === 'EEXIST') {
      return problem(
        'bad-path',
        `${toDisplay(path)} is there already.`,
        'Choose another with -o, or say --force to replace it.',
      )
    }
    return problem(
      'disk-error',
      `${toDisplay(path)} cannot be written (${code}).`,
      'Choose another with -o, or give yourself the right to write there.',
    )
  }
}

/** A foreign name as the name of a file in the working folder: no way out of it, nothing hidden. */
function fileName(name: string): string {
  const safe = name.replaceAll('/', '_').replace(/^\.+/, '_').slice(0, 80)
  return safe === '' ? 'torrent' : safe
}

const UNKNOWN_METADATA = problem(
  'metadata-unknown',
  'The torrent was added by a magnet and its metadata is not known yet.',
  'Wait until a peer has sent it; "pigeon magnet" prints its link meanwhile.',
)
