/** What a real terminal makes of the screen's output: @xterm/headless, told to report what a hostile text would want. */
import xterm from '@xterm/headless'

export interface TerminalModel {
  write(text: string): Promise<void>
  /** Each thing that happened and should not have. */
  readonly misdeeds: readonly string[]
  readonly isAlternate: boolean
  close(): void
}

export function openTerminalModel(columns: number, rows: number): TerminalModel {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    scrollback: 0,
  })
  const misdeeds: string[] = []
  const note = (what: string): void => {
    if (misdeeds.length < 10) misdeeds.push(what)
  }
  terminal.onTitleChange((title) => note(`title ${JSON.stringify(title)}`))
  terminal.onBell(() => note('bell'))
  // An answer is typed into the program: whoever can ask can type.
  terminal.onData((answer) => note(`answer ${JSON.stringify(answer)}`))
  for (const code of [4, 7, 8, 9, 10, 11, 12, 52, 104, 133, 777, 1337]) {
    terminal.parser.registerOscHandler(code, (text) => {
      note(`OSC ${code} ${JSON.stringify(text)}`)
      return true
    })
  }
  return {
    write: (text) => new Promise((resolve) => terminal.write(text, resolve)),
    misdeeds,
    get isAlternate() {
      return terminal.buffer.active.type === 'alternate'
    },
    close: () => terminal.dispose(),
  }
}
