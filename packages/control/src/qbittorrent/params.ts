/** Parameters of a call, from its address and its body, both kinds of forms alike. */

/** A .torrent file of 32 MiB and the rest of its form. */
export const BODY_BYTES: number = 34 * 1024 * 1024
/** Of one call; more make the call unreadable. */
export const PARAMETERS = 256

export class Params {
  readonly #texts: ReadonlyMap<string, string>
  /** Uploaded, in order, whatever their field is called: clients differ. */
  readonly files: readonly Uint8Array[]

  constructor(texts: ReadonlyMap<string, string>, files: readonly Uint8Array[]) {
    this.#texts = texts
    this.files = files
  }

  has(name: string): boolean {
    return this.#texts.has(name)
  }

  text(name: string): string | null {
    return this.#texts.get(name) ?? null
  }

  /** `undefined` when absent or neither true nor false. */
  flag(name: string): boolean | undefined {
    const text = this.#texts.get(name)?.toLowerCase()
    if (text === 'true' || text === '1') return true
    return text === 'false' || text === '0' ? false : undefined
  }

  /** `null` when absent, empty, or no number that JavaScript holds exactly. */
  number(name: string): number | null {
    const text = this.#texts.get(name)
    if (text === undefined || !/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return null
    return Number(text)
  }

  /** The parts of a text, spaces around them and empty ones removed. */
  parts(name: string, separator: string): readonly string[] {
    const parts = (this.#texts.get(name) ?? '').split(separator).map((part) => part.trim())
    return parts.filter((part) => part !== '')
  }
}

/** `null` when the body is not what it says it is. */
export async function readParams(
  query: URLSearchParams,
  contentType: string | undefined,
  body: Uint8Array,
): Promise<Params | null> {
  const texts = new Map<string, string>()
  const files: Uint8Array[] = []
  for (const [name, value] of query) texts.set(name, value)
  if (body.length > 0) {
    const form = await readForm(contentType ?? '', body)
    if (form === null) return null
    for (const [name, value] of form) {
      if (typeof value === 'string') texts.set(name, value)
      else files.push(new Uint8Array(await value.arrayBuffer()))
    }
  }
  return texts.size + files.length > PARAMETERS ? null : new Params(texts, files)
}

async function readForm(
  contentType: string,
  body: Uint8Array,
): Promise<Iterable<[string, string | Blob]> | null> {
  if (!/^multipart\/form-data\b/i.test(contentType)) {
    return new URLSearchParams(Buffer.from(body).toString('utf8'))
  }
  try {
    const headers = { 'Content-Type': contentType }
    return await new Response(Uint8Array.from(body), { headers }).formData()
  } catch {
    // The platform throws at what is no form; that is the sender's fault.
    return null
  }
}
