/**
 * The filter language, the same in the terminal, the page, the command line and the API. Pure, and free of any runtime.
 *
 *     progress<100 & tag:iso        size>1.5GiB !paused        (down>100k | up>100k) name~"big buck"
 *
 * A word alone is a flag (`downloading`, `private`) or part of the name; in quotes it is always part of the name. Terms
 * one after the other must all be true, as with `&`; `|` binds less than `&`, `!` most. `~` means "contains", `:` means
 * "is" for labels and "contains" for texts; letters are compared without regard to case.
 */
import { toDisplay } from '@pigeon/protocol/display'
import type { Problem, TorrentSummary } from './contract.ts'
import { isUnit, parseAmount, VALUE_FORMS } from './filter-values.ts'
import { problem } from './problems.ts'
import {
  type AmountField,
  type LabelField,
  type TextField,
  TORRENT_FIELDS,
  type TorrentField,
} from './torrent-fields.ts'

export const FILTER_CHARACTERS = 1_024
export const FILTER_TERMS = 64
/** Of parentheses and `!` in each other. */
export const FILTER_NESTING = 16

export interface Filter {
  /** Nothing was asked for: all torrents match. */
  readonly isEmpty: boolean
  /** `nowMs` is the wall time, for ages; now when absent. */
  matches(torrent: TorrentSummary, nowMs?: number): boolean
}

export type ParsedFilter =
  | { readonly ok: true; readonly filter: Filter }
  /** `at`: where in the text, from 0. */
  | { readonly ok: false; readonly problem: Problem; readonly at: number }

/** For help and completion. */
export interface FilterField {
  readonly name: string
  readonly kind: TorrentField['kind']
  readonly description: string
  /** What may stand after it; empty for flags. */
  readonly operators: readonly FilterOperator[]
  /** All values that there are, where they are few. */
  readonly values: readonly string[]
}

export const FILTER_OPERATORS = ['<=', '>=', '!=', '!~', '<', '>', '=', '~', ':'] as const
export type FilterOperator = (typeof FILTER_OPERATORS)[number]

const TEXT_OPERATORS = [':', '~', '!~', '=', '!='] as const
const AMOUNT_OPERATORS = ['<', '<=', '>', '>=', '=', '!=', ':'] as const

export const FILTER_FIELDS: readonly FilterField[] = TORRENT_FIELDS.map((field) => ({
  name: field.name,
  kind: field.kind,
  description: field.description,
  operators: operatorsOf(field),
  values: field.kind === 'label' ? (field.known ?? []) : [],
}))

/** Reads a filter; the empty text matches everything. Never throws. */
export function parseFilter(text: string): ParsedFilter {
  if (text.length > FILTER_CHARACTERS) {
    return failedAt(
      FILTER_CHARACTERS,
      'The filter is too long',
      `Use ${FILTER_CHARACTERS} characters at most.`,
    )
  }
  const parsed = new FilterParser(text).parse()
  if ('ok' in parsed) return parsed
  const { test } = parsed
  return {
    ok: true,
    filter: {
      isEmpty: test === null,
      matches: (torrent, nowMs = Date.now()) => test === null || test(torrent, nowMs),
    },
  }
}

/** A value as it can stand in a filter, in quotes where it needs them. */
export function quoteFilterValue(value: string): string {
  if (/^[^\s&|()<>=~:"!\\]+$/u.test(value)) return value
  return `"${value.replaceAll(/["\\]/g, (special) => `\\${special}`)}"`
}

type Test = (torrent: TorrentSummary, nowMs: number) => boolean
type Failure = Extract<ParsedFilter, { ok: false }>
type Parsed = { readonly test: Test } | Failure

const FIELDS: ReadonlyMap<string, TorrentField> = new Map(
  TORRENT_FIELDS.map((field) => [field.name, field]),
)

const SPACE = /\s*/y
/** `!` is part of a word, except where it begins `!=` or `!~`. */
const WORD = /(?:[^\s&|()<>=~:"!]|!(?![=~]))+/y
const OPERATOR = /\s*(<=|>=|!=|!~|<|>|=|~|:)\s*/y
const VALUE = /[^\s&|()"]+/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy
const UNIT_WORD = /\s+([a-z/]{1,5})(?![^\s&|()])/iy

/** One walk over the text, by recursive descent. */
class FilterParser {
  readonly #text: string
  #at = 0
  #terms = 0
  #nesting = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): { readonly test: Test | null } | Failure {
    this.#take(SPACE)
    if (this.#isAtEnd()) return { test: null }
    const parsed = this.#either()
    if ('ok' in parsed || this.#isAtEnd()) return parsed
    return this.#expected('"&", "|" or the end')
  }

  #either(): Parsed {
    return this.#joined(
      () => this.#all(),
      () => this.#take(/\|{1,2}/y) !== null,
      (tests) => (torrent, nowMs) => tests.some((test) => test(torrent, nowMs)),
    )
  }

  #all(): Parsed {
    return this.#joined(
      () => this.#term(),
      () => this.#take(/&{1,2}/y) !== null || !/^(?:$|[|)])/.test(this.#rest(1)),
      (tests) => (torrent, nowMs) => tests.every((test) => test(torrent, nowMs)),
    )
  }

  /** One or more of something, while `goesOn` finds what joins them. */
  #joined(next: () => Parsed, goesOn: () => boolean, join: (tests: Test[]) => Test): Parsed {
    const tests: Test[] = []
    do {
      this.#take(SPACE)
      const parsed = next()
      if ('ok' in parsed) return parsed
      tests.push(parsed.test)
      this.#take(SPACE)
    } while (goesOn())
    const [only] = tests
    return { test: tests.length === 1 && only !== undefined ? only : join(tests) }
  }

  #term(): Parsed {
    const at = this.#at
    if (this.#take(/!/y) !== null) {
      return this.#nested(at, () => {
        this.#take(SPACE)
        const parsed = this.#term()
        if ('ok' in parsed) return parsed
        return { test: (torrent, nowMs) => !parsed.test(torrent, nowMs) }
      })
    }
    if (this.#take(/\(/y) !== null) {
      return this.#nested(at, () => {
        const parsed = this.#either()
        if ('ok' in parsed || this.#take(/\)/y) !== null) return parsed
        return this.#expected('")"')
      })
    }
    this.#terms += 1
    if (this.#terms > FILTER_TERMS) {
      return failedAt(at, 'The filter has too many terms', `Use ${FILTER_TERMS} at most.`)
    }
    const quoted = this.#quoted()
    if (quoted !== null) return typeof quoted === 'string' ? { test: nameHas(quoted) } : quoted
    const word = this.#take(WORD)
    if (word === null) return this.#expected('a word, a field, "!" or "("')
    const operator = this.#take(OPERATOR)
    return operator === null ? { test: wordTest(word) } : this.#fieldTerm(at, word, operator)
  }

  #nested(at: number, parse: () => Parsed): Parsed {
    this.#nesting += 1
    if (this.#nesting > FILTER_NESTING) {
      return failedAt(at, 'The filter is nested too deeply', `${FILTER_NESTING} levels are read.`)
    }
    const parsed = parse()
    this.#nesting -= 1
    return parsed
  }

  #fieldTerm(at: number, word: string, operator: string): Parsed {
    const field = FIELDS.get(word.toLowerCase())
    if (field === undefined || field.kind === 'flag') return unknownField(at, word)
    const known = operatorsOf(field).find((each) => each === operator)
    if (known === undefined) {
      const operators = operatorsOf(field).join(' ')
      return this.#expected(`one of ${operators} after "${field.name}"`, at + word.length)
    }
    switch (field.kind) {
      case 'text':
        return this.#textTerm(field, known)
      case 'label':
        return this.#labelTerm(field, known)
      default:
        return this.#amountTerm(field, known)
    }
  }

  #textTerm(field: TextField, operator: FilterOperator): Parsed {
    const value = this.#value('a word, or a text in quotes')
    if (typeof value !== 'string') return value
    const wanted = folded(value)
    if (operator === '=' || operator === '!=') {
      return { test: (torrent) => (folded(field.text(torrent)) === wanted) === (operator === '=') }
    }
    return {
      test: (torrent) => folded(field.text(torrent)).includes(wanted) === (operator !== '!~'),
    }
  }

  #labelTerm(field: LabelField, operator: FilterOperator): Parsed {
    const at = this.#at
    const value = this.#value('a word, or a text in quotes')
    if (typeof value !== 'string') return value
    const wanted = folded(value)
    const isNegated = operator === '!=' || operator === '!~'
    if (operator === '~' || operator === '!~') {
      return {
        test: (of) => field.labels(of).some((one) => folded(one).includes(wanted)) !== isNegated,
      }
    }
    if (field.known !== undefined && !field.known.includes(wanted)) {
      return this.#expected(`one of ${field.known.join(', ')}`, at)
    }
    if (wanted === '') return { test: (of) => (field.labels(of).length === 0) !== isNegated }
    return { test: (of) => field.labels(of).some((one) => folded(one) === wanted) !== isNegated }
  }

  #amountTerm(field: AmountField, operator: FilterOperator): Parsed {
    const at = this.#at
    const value = this.#value(VALUE_FORMS[field.kind])
    if (typeof value !== 'string') return value
    const wanted = parseAmount(field.kind, `${value}${this.#unitAfter(field, value)}`)
    if (wanted === null) return this.#expected(VALUE_FORMS[field.kind], at)
    const isRight = COMPARISONS[operator] ?? COMPARISONS['=']
    // What is not known is neither more nor less than anything, and not equal to anything.
    const unknown = operator === '!='
    const { amount } = field
    if (field.kind === 'age') {
      return {
        test: (torrent, nowMs) => {
          const atMs = amount(torrent)
          return atMs === null ? unknown : isRight(nowMs - atMs, wanted)
        },
      }
    }
    return {
      test: (torrent) => {
        const actual = amount(torrent)
        return actual === null ? unknown : isRight(actual, wanted)
      },
    }
  }

  /** The unit in `1.5 GiB`, which would be a word of the name otherwise. */
  #unitAfter(field: AmountField, value: string): string {
    if (!/^[\d.]+$/.test(value)) return ''
    const before = this.#at
    const word = this.#take(UNIT_WORD)?.trim() ?? ''
    if (isUnit(field.kind, word)) return word
    this.#at = before
    return ''
  }

  #value(form: string): string | Failure {
    return this.#quoted() ?? this.#take(VALUE) ?? this.#expected(form)
  }

  #quoted(): string | Failure | null {
    if (this.#text[this.#at] !== '"') return null
    const at = this.#at
    const quoted = this.#take(QUOTED)
    if (quoted === null) return failedAt(at, 'The quotes are not closed', 'Add a " at the end.')
    return quoted.slice(1, -1).replaceAll(/\\(.)/gs, '$1')
  }

  /** What stands here, where it has this form; the spaces around an operator are left out. */
  #take(form: RegExp): string | null {
    form.lastIndex = this.#at
    const match = form.exec(this.#text)
    if (match === null) return null
    this.#at = form.lastIndex
    return form === OPERATOR ? match[0].trim() : match[0]
  }

  #rest(characters: number): string {
    return this.#text.slice(this.#at, this.#at + characters)
  }

  #isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  #expected(what: string, at: number = this.#at): Failure {
    const found = /^\S{0,20}/.exec(this.#text.slice(at))?.[0] ?? ''
    const where = found === '' ? 'The filter ends too early' : `"${found}" is out of place`
    return failedAt(at, where, `Expected ${what}.`)
  }
}

const COMPARISONS: {
  readonly [O in FilterOperator]?: (one: number, other: number) => boolean
} & { readonly '=': (one: number, other: number) => boolean } = {
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
  '=': (one, other) => one === other,
  '!=': (one, other) => one !== other,
}

function operatorsOf(field: TorrentField): readonly FilterOperator[] {
  if (field.kind === 'flag') return []
  return field.kind === 'text' || field.kind === 'label' ? TEXT_OPERATORS : AMOUNT_OPERATORS
}

function wordTest(word: string): Test {
  const field = FIELDS.get(word.toLowerCase())
  return field?.kind === 'flag' ? field.is : nameHas(word)
}

function nameHas(part: string): Test {
  const wanted = folded(part)
  return (torrent) => folded(torrent.name).includes(wanted)
}

/** The same for letters in either case, and for accents written in either way. */
function folded(text: string): string {
  // Lower case alone tells a sigma at the end of a word from others, and leaves İ its dot beside the i's own.
  return text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ').replaceAll('i\u0307', 'i')
}

function unknownField(at: number, word: string): Failure {
  const near = FILTER_FIELDS.filter(
    ({ name, kind }) => kind !== 'flag' && name.startsWith(word.slice(0, 1).toLowerCase()),
  ).map(({ name }) => name)
  const hint = near.length === 0 ? 'such as name, size or tag' : `such as ${near.join(', ')}`
  return failedAt(at, `There is no field "${word}"`, `Expected a field, ${hint}; or use quotes.`)
}

function failedAt(at: number, what: string, help: string): Failure {
  const message = toDisplay(`${what}, at character ${at + 1} of the filter.`)
  return { ok: false, at, problem: problem('bad-filter', message, toDisplay(help)) }
}
