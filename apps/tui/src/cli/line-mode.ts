/**
 * `pigeon --line`: the same node and the same commands, one line at a time. For screen readers and plain terminals: no
 * colours, no cursor that moves, nothing that is drawn over. What finishes or fails is said as it happens.
 */
import type { Control } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { completeWords, runCommandLine } from './command-line.ts'
import { Announcer } from './announcer.ts'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { LineSource } from './line-source.ts'
import { chooseTorrents } from './node-commands/choose-torrents.ts'
import { findControl } from './open-control.ts'
import { fitLine, printLine } from './output.ts'
import { splitWords } from './words.ts'

const PROMPT = '> '
const COMPLETIONS = 20
const GREETING =
  'Type help for the commands, and quit to leave. A ? at the end of a line says what may come next.'

const OWN_COMMANDS = [
  { word: 'select', about: 'say which torrents are meant where none is named' },
  { word: 'quit', about: 'leave' },
]

/** Reads commands until the input ends; a node of this process ends with it. */
export async function runLineMode(
  flags: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const found = await findControl(flags)
  if (typeof found === 'number') return found
  printLine(found.isRemote ? 'Connecting.' : 'Opening the node.')
  const control = await found.open(printLine)
  if (typeof control === 'number') return control
  try {
    return await new LineMode(control, signal).run()
  } finally {
    await control.close()
  }
}

export class LineMode {
  readonly #control: Control
  readonly #signal: AbortSignal
  readonly #announcer: Announcer = new Announcer(printLine)
  readonly #lines: LineSource = new LineSource(process.stdin)
  #selected: readonly string[] = []

  constructor(control: Control, signal: AbortSignal) {
    this.#control = control
    this.#signal = signal
  }

  /** Exit code 1 when a command of a script failed; people at a keyboard have seen that. */
  async run(): Promise<ExitCode> {
    const isScript = !process.stdin.isTTY
    const stopWatching = this.#control.watch((update) => this.#announcer.hear(update))
    const stop = (): void => this.#lines.close()
    if (this.#signal.aborted) stop()
    this.#signal.addEventListener('abort', stop, { once: true })
    if (!isScript) printLine(GREETING)
    const hasFailed = await this.#performAll()
    this.#signal.removeEventListener('abort', stop)
    this.#lines.close()
    stopWatching()
    if (this.#signal.aborted) return EXIT.interrupted
    return isScript && hasFailed ? EXIT.failure : EXIT.ok
  }

  /** One command after the other. Answers whether any failed. */
  async #performAll(): Promise<boolean> {
    let hasFailed = false
    for (;;) {
      process.stdout.write(PROMPT)
      const line = await this.#lines.next()
      const outcome = line === null ? 'quit' : await this.#perform(line)
      if (outcome === 'quit') return hasFailed
      if (outcome === 'failed') hasFailed = true
    }
  }

  async #perform(line: string): Promise<'done' | 'failed' | 'quit'> {
    const typed = line.trim()
    if (typed === '' || typed.startsWith('# ')) return 'done'
    if (/[?\t]$/.test(line)) {
      this.#sayCompletions(line.replace(/[?\t]+$/, ''))
      return 'done'
    }
    const { words } = splitWords(typed)
    const [command, ...rest] = words
    if (command === 'quit' || command === 'exit') return 'quit'
    if (command === 'select') return this.#select(rest) ? 'done' : 'failed'
    const answer = await runCommandLine(this.#control, words, {
      selected: this.#selected,
      ask: (question) => this.#ask(question),
      onLine: printLine,
      isSpoken: true,
      signal: this.#signal,
    })
    if (command === 'help' && rest.length === 0) this.#sayOwnCommands()
    if (answer.problem === null) return 'done'
    printLine(fitLine(`${answer.problem.message} ${answer.problem.help}`.trim()))
    return 'failed'
  }

  #select(words: readonly string[]): boolean {
    const chosen = chooseTorrents(words, this.#announcer.torrents)
    if (isProblem(chosen)) {
      printLine(`${chosen.message} ${chosen.help}`)
      return false
    }
    this.#selected = chosen.map(({ id }) => id)
    const [first] = chosen
    if (chosen.length === 1) printLine(fitLine(`Selected ${first?.name ?? ''}.`))
    else
      printLine(
        chosen.length === 0 ? 'Nothing is selected.' : `Selected ${chosen.length} torrents.`,
      )
    return true
  }

  async #ask(question: string): Promise<boolean> {
    printLine(fitLine(`${question} Type yes or no.`))
    // Where nobody is there any more to answer, the answer is no.
    return /^y(es)?$/i.test((await this.#lines.next())?.trim() ?? '')
  }

  #sayCompletions(line: string): void {
    const found = completeWords(splitWords(line).words, {
      torrents: this.#announcer.torrents,
      session: this.#announcer.session,
      commands: OWN_COMMANDS,
    })
    if (found.length === 0) printLine('Nothing comes to mind.')
    for (const { word, about } of found.slice(0, COMPLETIONS)) {
      printLine(fitLine(about === '' ? word : `${word}: ${about}`))
    }
    if (found.length > COMPLETIONS) printLine(`And ${found.length - COMPLETIONS} more.`)
  }

  #sayOwnCommands(): void {
    for (const { word, about } of OWN_COMMANDS) printLine(`${word}: ${about}`)
  }
}
