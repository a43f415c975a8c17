/** Brings the blocklist to the session: from a file, or from an address with the last copy kept in the state folder. */
import { createHash } from 'node:crypto'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { HttpPort } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { diskProblem } from './io-errors.ts'

/** Packed or not. */
export const BLOCKLIST_BYTES: number = 64 * 1024 * 1024
export const UNPACKED_BYTES: number = 192 * 1024 * 1024
const FETCH_MS = 120_000

export interface BlocklistSettings {
  /** An absolute path or an http(s) address; `null` for none. */
  readonly blocklist: string | null
  readonly blocklistRefresh: number
  /** Where the copy is kept. */
  readonly state: string
}

export interface BlocklistParts {
  readonly http: HttpPort
  /** Hands it to the session; answers what is wrong with it. */
  readonly set: (list: { readonly source: string; readonly text: string } | null) => Problem | null
  /** Told of a list that could not be loaded by itself. */
  readonly onProblem: (problem: Problem) => void
}

interface Problem {
  readonly code: string
  readonly message: string
  readonly help: string
}

export class BlocklistLoader {
  readonly #parts: BlocklistParts
  #settings: BlocklistSettings
  #problem: Problem | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  /** One load after the other. */
  #loading: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(settings: BlocklistSettings, parts: BlocklistParts) {
    this.#settings = settings
    this.#parts = parts
  }

  /** Why the list is not there, or not the newest; `null` when all is well. */
  get problem(): Problem | null {
    return this.#problem
  }

  get source(): string | null {
    return this.#settings.blocklist
  }

  /** A file, or the copy of the last time, holds before this answers; what lies at an address follows. */
  async open(): Promise<void> {
    const { blocklist } = this.#settings
    if (blocklist === null) return
    if (!isUrl(blocklist)) {
      await this.update()
      return
    }
    const copy = await readBounded(this.#copyPath(blocklist))
    if (!isIoProblem(copy)) await this.#use(copy)
    void this.update()
  }

  /** Loads it now. `null`: it was done. */
  update(): Promise<Problem | null> {
    const loaded = this.#loading.then(() => this.#load())
    this.#loading = loaded
    return loaded
  }

  /** Takes up changed settings; a list that is no longer named no longer holds. */
  async apply(settings: BlocklistSettings): Promise<void> {
    const isSame = settings.blocklist === this.#settings.blocklist
    this.#settings = settings
    if (isSame) return this.#schedule()
    this.#problem = null
    if (settings.blocklist === null) this.#parts.set(null)
    await this.open()
  }

  close(): void {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  async #load(): Promise<Problem | null> {
    const { blocklist } = this.#settings
    if (blocklist === null || this.#isClosed) return NO_BLOCKLIST
    const bytes = isUrl(blocklist) ? await this.#fetch(blocklist) : await readBounded(blocklist)
    this.#problem = isIoProblem(bytes) ? bytes : await this.#use(bytes)
    if (this.#problem === null && isUrl(blocklist) && !isIoProblem(bytes)) {
      await this.#keep(blocklist, bytes)
    }
    if (this.#problem !== null) this.#parts.onProblem(this.#problem)
    this.#schedule()
    return this.#problem
  }

  async #use(bytes: Uint8Array): Promise<Problem | null> {
    const source = this.#settings.blocklist ?? ''
    const text = await unpacked(bytes, source)
    if (typeof text !== 'string') return text
    return this.#isClosed ? null : this.#parts.set({ source, text })
  }

  async #fetch(url: string): Promise<Uint8Array | IoProblem> {
    const limits = { limitBytes: BLOCKLIST_BYTES, timeoutMs: FETCH_MS, allowPrivate: true }
    const answer = await this.#parts.http.get(url, limits)
    if (isIoProblem(answer)) return answer
    if (answer.status === 200) return answer.body
    const { host } = new URL(url)
    return ioProblem(
      'bad-answer',
      `${host} answers status ${answer.status} instead of the blocklist.`,
      'Check the address in the settings (blocklist).',
    )
  }

  /** A copy that cannot be written is fetched again with the next start, and that is all. */
  async #keep(url: string, bytes: Uint8Array): Promise<void> {
    const path = this.#copyPath(url)
    try {
      await writeFile(`${path}.new`, bytes, { mode: 0o600 })
      await rename(`${path}.new`, path)
    } catch {
      // The disk is full, or the folder is gone: others will say so.
    }
  }

  #copyPath(url: string): string {
    const name = createHash('sha256').update(url).digest('hex').slice(0, 16)
    return join(this.#settings.state, `blocklist-${name}`)
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#isClosed || this.#settings.blocklist === null) return
    this.#timer = setTimeout(() => void this.update(), this.#settings.blocklistRefresh)
    this.#timer.unref()
  }
}

function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source)
}

async function readBounded(path: string): Promise<Uint8Array | IoProblem> {
  try {
    const { size } = await stat(path)
    if (size > UNPACKED_BYTES) return tooLong(path)
    return await readFile(path)
  } catch (error) {
    return diskProblem(error, `read the blocklist ${path}`)
  }
}

const unzip = promisify(gunzip)

async function unpacked(bytes: Uint8Array, source: string): Promise<string | IoProblem> {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    return ioProblem(
      'bad-answer',
      `${source} is a zip archive.`,
      'Unpack it, or use the list as text or packed with gzip.',
    )
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return Buffer.from(bytes).toString('latin1')
  try {
    return (await unzip(bytes, { maxOutputLength: UNPACKED_BYTES })).toString('latin1')
  } catch (error) {
    const isLong = error instanceof Error && 'code' in error && error.code === TOO_LARGE
    return isLong ? tooLong(source) : ioProblem('bad-answer', `${source} cannot be unpacked.`, HELP)
  }
}

const TOO_LARGE = 'ERR_BUFFER_TOO_LARGE'
const HELP = 'Check that it is a list of addresses, as text or packed with gzip.'

function tooLong(source: string): IoProblem {
  return ioProblem('answer-too-long', `${source} has more than ${UNPACKED_BYTES} bytes.`, HELP)
}

const NO_BLOCKLIST: Problem = {
  code: 'not-found',
  message: 'There is no blocklist to load.',
  help: 'Name one in the settings (blocklist).',
}
