/** `pigeond token`: what lets programs control this daemon. */
import { readTokenFile } from '@pigeon/control/bearer-token'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { tokenFileOf } from '../service/access.ts'
import { complainOf, type Flags, loadOrSay, say, type Surroundings } from './context.ts'

export async function token(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return loaded
  const path = tokenFileOf(loaded.settings)
  if (flags['show'] !== true) {
    say(around, path)
    return EXIT.ok
  }
  const text = await readTokenFile(path)
  if (typeof text !== 'string') {
    complainOf(around, text)
    return EXIT.failure
  }
  say(around, text)
  return EXIT.ok
}
