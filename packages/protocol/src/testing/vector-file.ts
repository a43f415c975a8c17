/** Reads a vector file, and throws on whatever `vectors/pigeon.vectors.v1.schema.json` does not allow. */
import type { Json, VectorOptions, VectorOutcome } from './vector-codec.ts'

export interface VectorFile {
  readonly bep: number
  readonly codec: string
  readonly cases: readonly VectorCase[]
}

export interface VectorCase {
  readonly id: string
  readonly does: string
  readonly bytes: Uint8Array
  readonly options: VectorOptions
  readonly outcome: VectorOutcome
  readonly isCanonical: boolean
}

export function parseVectorFile(path: string, json: Json): VectorFile {
  const file = record(json, path)
  const keys = ['schema', 'bep', 'section', 'codec', 'source', 'note', 'cases']
  onlyKeys(file, keys, path)
  if (file['schema'] !== 'pigeon.vectors.v1') throw new Error(`${path}: unknown schema`)
  const source = record(file['source'], `${path}: source`)
  onlyKeys(source, ['kind', 'url'], `${path}: source`)
  text(source['kind'], `${path}: source.kind`)
  text(file['section'], `${path}: section`)
  const cases = list(file['cases'], `${path}: cases`)
  if (cases.length === 0) throw new Error(`${path}: no cases`)
  return {
    bep: number(file['bep'], `${path}: bep`),
    codec: text(file['codec'], `${path}: codec`),
    cases: cases.map((one, index) => parseCase(one, `${path}: cases[${index}]`)),
  }
}

function parseCase(json: Json, where: string): VectorCase {
  const one = record(json, where)
  const keys = ['id', 'does', 'hex', 'text', 'parts', 'options', 'result', 'value', 'fault']
  onlyKeys(one, [...keys, 'canonical', 'note'], where)
  const inputs = ['hex', 'text', 'parts'].filter((key) => key in one)
  if (inputs.length !== 1) throw new Error(`${where}: one of hex, text and parts`)
  const id = text(one['id'], `${where}.id`)
  if (!/^bep\d+-[a-z0-9-]+-\d{3}$/.test(id)) throw new Error(`${where}: malformed id ${id}`)
  return {
    id,
    does: text(one['does'], `${where}.does`),
    bytes: 'parts' in one ? joinParts(one['parts'], where) : part(one, where),
    options: record(one['options'] ?? {}, `${where}.options`),
    outcome: outcome(one, where),
    isCanonical: one['canonical'] !== false,
  }
}

function outcome(one: VectorOptions, where: string): VectorOutcome {
  const result = one['result']
  const hasValue = 'value' in one
  const hasFault = 'fault' in one
  if (result === 'valid' && hasValue && !hasFault) return { result, value: one['value'] ?? null }
  if (result === 'invalid' && hasFault && !hasValue) {
    return { result, fault: text(one['fault'], `${where}.fault`) }
  }
  if (result === 'incomplete' && !hasValue && !hasFault) return { result }
  throw new Error(`${where}: valid with a value, invalid with a fault, or incomplete`)
}

function joinParts(json: Json | undefined, where: string): Uint8Array {
  return Buffer.concat(list(json, where).map((one) => part(record(one, where), where)))
}

function part(one: VectorOptions, where: string): Uint8Array {
  if ('text' in one) return new Uint8Array(Buffer.from(text(one['text'], where), 'utf8'))
  const times = 'repeat' in one ? number(one['times'], where) : 1
  const hex = text(one['repeat'] ?? one['hex'], where).replaceAll(' ', '')
  const bytes = Buffer.from(hex, 'hex')
  if (bytes.length * 2 !== hex.length) throw new Error(`${where}: malformed hex`)
  return new Uint8Array(Buffer.from(hex.repeat(times), 'hex'))
}

function onlyKeys(value: VectorOptions, keys: readonly string[], where: string): void {
  const unknown = Object.keys(value).find((key) => !keys.includes(key))
  if (unknown !== undefined) throw new Error(`${where}: unknown key ${unknown}`)
}

function isRecord(json: Json | undefined): json is VectorOptions {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json)
}

function record(json: Json | undefined, where: string): VectorOptions {
  if (!isRecord(json)) throw new Error(`${where}: not an object`)
  return json
}

function list(json: Json | undefined, where: string): readonly Json[] {
  if (!isList(json)) throw new Error(`${where}: not a list`)
  return json
}

function text(json: Json | undefined, where: string): string {
  if (typeof json !== 'string') throw new Error(`${where}: not a text`)
  return json
}

function number(json: Json | undefined, where: string): number {
  if (typeof json !== 'number') throw new Error(`${where}: not a number`)
  return json
}
