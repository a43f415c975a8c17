/** `pigeon install-handler`: magnet links of this desktop open in pigeon. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { promisify } from 'node:util'
import { toDisplay } from '@pigeon/protocol/display'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { printLine, printNote, printProblem } from './output.ts'

const FILE_NAME = 'pigeon-magnet.desktop'
const MAGNET = 'x-scheme-handler/magnet'

/** Writes a .desktop file and makes it the handler, once it was said what will be done and somebody agreed. */
export async function installHandler(flags: {
  readonly yes?: boolean
  readonly print?: boolean
}): Promise<ExitCode> {
  const entry = desktopEntry(commandOf([process.execPath, process.argv[1] ?? '']))
  if (flags.print === true) {
    process.stdout.write(entry)
    return EXIT.ok
  }
  const dataHome = process.env['XDG_DATA_HOME'] ?? ''
  const folder = join(
    isAbsolute(dataHome) ? dataHome : join(homedir(), '.local', 'share'),
    'applications',
  )
  const path = join(folder, FILE_NAME)
  if (flags.yes !== true && !(await agrees(path))) return EXIT.failure
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(path, entry)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    const help = 'Give yourself the right to write there, or set XDG_DATA_HOME.'
    printProblem({ message: `${path} cannot be written (${code}).`, help })
    return EXIT.disk
  }
  printLine(`Wrote ${toDisplay(path)}.`)
  return makeDefault()
}

async function agrees(path: string): Promise<boolean> {
  printNote(`This writes ${toDisplay(path)} and runs: xdg-mime default ${FILE_NAME} ${MAGNET}`)
  if (!process.stdin.isTTY) {
    printNote('pigeon: say --yes to do it without a question.')
    return false
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question('Do that? [y/N] ')).trim())
  } finally {
    lines.close()
  }
}

async function makeDefault(): Promise<ExitCode> {
  try {
    await promisify(execFile)('xdg-mime', ['default', FILE_NAME, MAGNET], { timeout: 20_000 })
    printLine('Magnet links open in pigeon now.')
    return EXIT.ok
  } catch {
    printProblem({
      message: 'xdg-mime could not make it the handler of magnet links.',
      help: `Install xdg-utils, then run: xdg-mime default ${FILE_NAME} ${MAGNET}`,
    })
    return EXIT.failure
  }
}

/** How a program is started, each word in the quotes of the Desktop Entry Specification. */
export function commandOf(words: readonly string[]): string {
  return words.map(quoted).join(' ')
}

function quoted(word: string): string {
  // Inside quotes these are escaped; the backslash once more, for a string of the file has its own escapes.
  const inner = word.replaceAll(
    /["`$\\]/g,
    (character) => `\\\\${character === '\\' ? '\\\\' : character}`,
  )
  return `"${inner.replaceAll('%', '%%')}"`
}

/** Adds the link to the running node and says in a terminal what came of it. */
export function desktopEntry(command: string): string {
  return `[Desktop Entry]
Type=Application
Name=Pigeon
Comment=Add a magnet link to the running node
Exec=${command} add %u
Terminal=true
NoDisplay=true
MimeType=${MAGNET};
`
}
