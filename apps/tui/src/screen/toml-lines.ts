/**
 * The part of TOML that the screen's files are made of: `key = value` a line, where the value is a text, a word such as
 * `true`, or a list of texts. Each entry and each fault keeps its line, which libraries do not tell.
 */
export interface TomlEntry {
  readonly key: string
  /** One for a single value. */
  readonly values: readonly string[]
  /** 1-based. */
  readonly line: number
}

export interface TomlFault {
  readonly line: number
  readonly message: string
}

/** Longer files are read as far as this. */
export const TOML_LINES = 2_000

const STRING = /"(?:[^"\\]|\\["\\])*"|'[^']*'/y

export function readTomlLines(text: string): {
  readonly entries: readonly TomlEntry[]
  readonly faults: readonly TomlFault[]
} {
  const entries: TomlEntry[] = []
  const faults: TomlFault[] = []
  const seen = new Set<string>()
  for (const [index, raw] of text.split(/\r?\n/).slice(0, TOML_LINES).entries()) {
    const line = index + 1
    const content = raw.trim()
    if (content === '' || content.startsWith('#')) continue
    const found = /^(?:([\w-]+)|"([^"\\]*)")\s*=\s*(.*)$/.exec(content)
    const key = found?.[1] ?? found?.[2]
    const values = found === null ? null : valuesOf(found[3] ?? '')
    if (key === undefined || values === null)
      faults.push({ line, message: 'this is not of the form: name = "value" or name = ["a", "b"]' })
    else if (seen.has(key)) faults.push({ line, message: `"${key}" stands here twice` })
    else entries.push({ key, values, line })
    if (key !== undefined) seen.add(key)
  }
  return { entries, faults }
}

/** `null` where it is no value. */
function valuesOf(text: string): readonly string[] | null {
  const word = /^(true|false)\s*(?:#.*)?$/.exec(text)?.[1]
  if (word !== undefined) return [word]
  if (!text.startsWith('[')) {
    const one = stringAt(text, 0)
    return one !== null && isEnd(text.slice(one.end)) ? [one.value] : null
  }
  return listOf(text)
}

function listOf(text: string): readonly string[] | null {
  const values: string[] = []
  let at = 1
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0
    if (text[at] === ']') return isEnd(text.slice(at + 1)) ? values : null
    const one = stringAt(text, at)
    if (one === null) return null
    values.push(one.value)
    at = one.end + (/^\s*/.exec(text.slice(one.end))?.[0].length ?? 0)
    if (text[at] === ',') at += 1
    else if (text[at] !== ']') return null
  }
}

function stringAt(
  text: string,
  at: number,
): { readonly value: string; readonly end: number } | null {
  STRING.lastIndex = at
  const found = STRING.exec(text)?.[0]
  if (found === undefined) return null
  const inner = found.slice(1, -1)
  const value = found.startsWith('"') ? inner.replaceAll(/\\(.)/g, '$1') : inner
  return { value, end: at + found.length }
}

function isEnd(rest: string): boolean {
  return /^\s*(?:#.*)?$/.test(rest)
}
