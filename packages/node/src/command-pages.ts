/** The manual page and the shell completions of a program, made from the tree of its commands. */

/** What is asked of a commander `Command`; only its shape counts, so that this package needs no commander. */
export interface DescribedCommand {
  name(): string
  description(): string
  readonly registeredArguments: readonly DescribedArgument[]
  createHelp(): {
    visibleCommands(command: DescribedCommand): readonly DescribedCommand[]
    visibleOptions(command: DescribedCommand): readonly DescribedOption[]
  }
}

export interface DescribedOption {
  /** Such as `-o, --output <file>`. */
  readonly flags: string
  readonly description: string
  readonly short?: string | undefined
  readonly long?: string | undefined
  /** It takes a value, or may take one. */
  readonly required: boolean
  readonly optional: boolean
  readonly argChoices?: readonly string[] | undefined
}

export interface DescribedArgument {
  readonly description: string
  readonly required: boolean
  readonly variadic: boolean
  readonly argChoices?: readonly string[] | undefined
  name(): string
}

export interface ManSection {
  readonly title: string
  /** Paragraphs with an empty line between them. */
  readonly text: string
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** A page of section 1 in the language of man(7): options, all commands, then the sections given. */
export function manPage(program: DescribedCommand, sections: readonly ManSection[] = []): string {
  const name = program.name()
  const commands = branchesOf(program).slice(1)
  return [
    `.TH ${roff(name).toUpperCase()} 1`,
    '.SH NAME',
    `${roff(name)} \\- ${roff(firstLine(program.description()))}`,
    '.SH SYNOPSIS',
    `.B ${roff(name)}`,
    roff(argumentsOf(program)),
    '.SH DESCRIPTION',
    roff(program.description()),
    '.SH OPTIONS',
    ...optionParagraphs(program),
    ...(commands.length > 0 ? ['.SH COMMANDS'] : []),
    ...commands.flatMap(({ path, command }) => [
      '.TP',
      `.B ${roff([name, ...path, argumentsOf(command)].join(' ').trim())}`,
      roff(command.description()),
      ...nested(optionParagraphs(command)),
    ]),
    ...sections.flatMap(({ title, text }) => [
      `.SH ${roff(title).toUpperCase()}`,
      paragraphs(text),
    ]),
    '',
  ].join('\n')
}

/** A script for the shell to read; it asks no program while it completes. */
export function completion(program: DescribedCommand, shell: Shell): string {
  return WRITERS[shell](program)
}

const WRITERS: { readonly [S in Shell]: (program: DescribedCommand) => string } = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

interface Branch {
  /** Names of the commands above and its own, without the program's. */
  readonly path: readonly string[]
  readonly command: DescribedCommand
  readonly commands: readonly DescribedCommand[]
  readonly options: readonly DescribedOption[]
}

/** The program and all that is below it; the `help` that commander adds is left out. */
function branchesOf(command: DescribedCommand, path: readonly string[] = []): readonly Branch[] {
  const help = command.createHelp()
  const commands = help.visibleCommands(command).filter((each) => each.name() !== 'help')
  const options = help.visibleOptions(command)
  const below = commands.flatMap((each) => branchesOf(each, [...path, each.name()]))
  return [{ path, command, commands, options }, ...below]
}

function argumentsOf(command: DescribedCommand): string {
  const options = command.createHelp().visibleOptions(command).length > 0 ? ['[options]'] : []
  const values = command.registeredArguments.map((each) => {
    const name = each.variadic ? `${each.name()}...` : each.name()
    return each.required ? `<${name}>` : `[${name}]`
  })
  return [...options, ...values].join(' ')
}

function optionParagraphs(command: DescribedCommand): readonly string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ flags, description }) => ['.TP', `.B ${roff(flags)}`, roff(description)])
}

function nested(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['.RS', ...lines, '.RE']
}

function paragraphs(text: string): string {
  return text.trim().split(/\n\n+/).map(roff).join('\n.PP\n')
}

/** Nothing of the text is taken for a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&')
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/\.$/, '')
}

function bashCompletion(program: DescribedCommand): string {
  const name = program.name()
  const branches = branchesOf(program)
  return `# bash completion of ${name}
_${wordOf(name)}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} path= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
${stepCases(branches, '      ')}
    esac
  done
  case "$path $previous" in
${valueCases(branches, (choices) => (choices === null ? `COMPREPLY=($(compgen -f -- "$current")); return` : `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current")); return`))}
  esac
  case "$path" in
${branches.map((each) => `    ${quoted(pathOf(each))}) COMPREPLY=($(compgen -W ${quoted(wordsOf(each).join(' '))} -- "$current")) ;;`).join('\n')}
  esac
}
complete -o default -F _${wordOf(name)} ${name}
`
}

function zshCompletion(program: DescribedCommand): string {
  const name = program.name()
  const branches = branchesOf(program)
  return `#compdef ${name}
# zsh completion of ${name}
_${wordOf(name)}() {
  local path= word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$path $word" in
${stepCases(branches, '      ')}
    esac
  done
  case "$path \${words[CURRENT-1]}" in
${valueCases(branches, (choices) => (choices === null ? '_files; return' : `compadd -- ${choices.map(quoted).join(' ')}; return`))}
  esac
  local -a commands options
  case "$path" in
${branches.map((each) => `    ${quoted(pathOf(each))})\n      commands=(${each.commands.map((below) => zshEntry(below.name(), below.description())).join(' ')})\n      options=(${each.options.flatMap((option) => namesOf(option).map((flag) => zshEntry(flag, option.description))).join(' ')}) ;;`).join('\n')}
  esac
  [[ $PREFIX == -* ]] && _describe -o option options && return
  (( \${#commands} )) && _describe command commands
  _files
}
compdef _${wordOf(name)} ${name}
`
}

function fishCompletion(program: DescribedCommand): string {
  const name = program.name()
  const lines = branchesOf(program).flatMap((branch) => {
    const when = `-n ${quoted(fishCondition(branch))}`
    const commands = branch.commands.map(
      (each) => `complete -c ${name} ${when} -a ${each.name()} -d ${fishText(each.description())}`,
    )
    const options = branch.options.map((option) => {
      const names = namesOf(option).map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      )
      const choices = option.argChoices
        ? ` -x -a ${fishQuoted(option.argChoices.join(' '))}`
        : ' -r'
      const value = takesValue(option) ? choices : ''
      return `complete -c ${name} ${when} ${names.join(' ')}${value} -d ${fishText(option.description)}`
    })
    return [...commands, ...options]
  })
  return [`# fish completion of ${name}`, ...lines, ''].join('\n')
}

/** True where the command line has come to this branch and no further. */
function fishCondition({ path, commands }: Branch): string {
  const seen = path.map((each) => `__fish_seen_subcommand_from ${each}`)
  const below = commands.map((each) => each.name()).join(' ')
  const further = below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`]
  return [...seen, ...further].join('; and ') || 'true'
}

/** The path is the names of the commands, each with a space before it. */
function pathOf({ path }: Branch): string {
  return path.map((each) => ` ${each}`).join('')
}

function stepCases(branches: readonly Branch[], indent: string): string {
  const below = branches.filter(({ path }) => path.length > 0)
  const cases = below.map((each) => `${quoted(pathOf(each))}) path=${quoted(pathOf(each))} ;;`)
  return [...cases, '*) ;;'].map((line) => `${indent}${line}`).join('\n')
}

/** A case for each option that takes a value; `null`: any file may be meant. */
function valueCases(
  branches: readonly Branch[],
  answer: (choices: readonly string[] | null) => string,
): string {
  const cases = branches.flatMap((branch) =>
    branch.options.filter(takesValue).map((option) => {
      const patterns = namesOf(option).map((flag) => quoted(`${pathOf(branch)} ${flag}`))
      return `${patterns.join('|')}) ${answer(option.argChoices ?? null)} ;;`
    }),
  )
  return [...cases, '*) ;;'].map((line) => `    ${line}`).join('\n')
}

function wordsOf({ command, commands, options }: Branch): readonly string[] {
  const choices = command.registeredArguments.flatMap((each) => each.argChoices ?? [])
  return [...commands.map((each) => each.name()), ...choices, ...options.flatMap(namesOf)]
}

function namesOf({ short, long }: DescribedOption): readonly string[] {
  return [short, long].filter((flag) => flag !== undefined)
}

function takesValue({ required, optional }: DescribedOption): boolean {
  return required || optional
}

function zshEntry(word: string, description: string): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${firstLine(description)}`)
}

function fishText(description: string): string {
  return fishQuoted(firstLine(description))
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function wordOf(name: string): string {
  return name.replaceAll(/\W/g, '_')
}
