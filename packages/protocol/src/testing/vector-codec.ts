/** How a vector file's `codec` is judged. */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

export type VectorOutcome =
  | { readonly result: 'valid'; readonly value: Json }
  /** `fault` is the stable code. */
  | { readonly result: 'invalid'; readonly fault: string }
  /** Not wrong, but not whole yet. */
  | { readonly result: 'incomplete' }

export interface VectorCodec {
  /** Reads the case's bytes; `options` is the case's own, `{}` where it has none. */
  decode(bytes: Uint8Array, options: VectorOptions): VectorOutcome
  /** Writes a case's value; must give the case's bytes again unless it says `"canonical": false`. */
  encode?(value: Json, options: VectorOptions): Uint8Array
}

export type VectorOptions = { readonly [key: string]: Json }

/** The JSON form of a decoded value: bytes as hex, bigint as decimal text, maps as objects, `undefined` left out. */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Map) return toJson(Object.fromEntries(value))
  if (typeof value !== 'object') throw new Error(`A vector cannot hold a ${typeof value}`)
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries.map(([key, field]) => [key, toJson(field)]))
}

/** `toJson` without what says nothing: `null`, `false` and empty lists. */
export function toBriefJson(value: object): Json {
  const entries = Object.entries(value).filter(
    ([, field]) =>
      field !== null && field !== false && !(Array.isArray(field) && field.length === 0),
  )
  return toJson(Object.fromEntries(entries))
}
