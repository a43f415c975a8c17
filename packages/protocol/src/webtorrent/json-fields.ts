/** Reading foreign JSON: only what an object holds itself, and binary strings as bytes. */

/** An object of foreign JSON. */
export type JsonObject = { readonly [key: string]: unknown }

/** The object that a text holds; `null` for any other JSON, and for what is none. */
export function parseJsonObject(text: string): JsonObject | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The platform tells broken JSON in no other way.
    return null
  }
  return jsonObject(value)
}

export function jsonObject(value: unknown): JsonObject | null {
  return isJsonObject(value) ? value : null
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field of the object itself: never what its prototype has under that name. */
export function field(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** A field that is a text of at most `limitUnits`. */
export function textField(object: JsonObject, key: string, limitUnits: number): string | null {
  const value = field(object, key)
  return typeof value === 'string' && value.length <= limitUnits ? value : null
}

/** A whole number of 0 or more that is exact. */
export function countField(object: JsonObject, key: string): number | null {
  const value = field(object, key)
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** Exactly 20 characters below U+0100, each of which is a byte. */
export function binary20(value: unknown): Uint8Array | null {
  if (typeof value !== 'string' || value.length !== 20) return null
  const bytes = new Uint8Array(20)
  for (let i = 0; i < 20; i++) {
    const code = value.charCodeAt(i)
    if (code > 0xff) return null
    bytes[i] = code
  }
  return bytes
}
