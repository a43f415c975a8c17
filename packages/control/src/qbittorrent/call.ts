/** What every call of the Web API is made of: parameters in, a status and a text or JSON out. */
import type { CommandResult, Scope, SessionSummary } from '../contract.ts'
import type { LiveList, Row } from '../compat/live-list.ts'
import type { MainData } from './main-data.ts'
import type { Params } from './params.ts'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }

export interface Reply {
  readonly status: number
  /** Sent as it is, or as JSON. */
  readonly content: { readonly text: string } | { readonly json: Json }
}

/** What calls work with. */
export interface World {
  readonly list: LiveList
  readonly mainData: MainData
  /** Wall time. */
  readonly nowMs: () => number
  readonly node: string
  /** Whether .torrent files may be fetched from inside the house. */
  readonly reachesPrivate: boolean
  readonly refuseUrl: (url: string) => Promise<string | null>
  /** Tags that were made and are on no torrent yet: here tags exist on torrents only. */
  readonly spareTags: Set<string>
}

export interface Call {
  readonly params: Params
  readonly world: World
  readonly session: SessionSummary
  readonly scope: Scope
}

export interface Handler {
  readonly scope: Scope
  /** Whether it changes something: then only POST may ask for it. */
  readonly writes: boolean
  run(call: Call): Promise<Reply> | Reply
}

export function reads(run: Handler['run']): Handler {
  return { scope: 'read', writes: false, run }
}

export function writes(run: Handler['run'], scope: Scope = 'full'): Handler {
  return { scope, writes: true, run }
}

export function json(body: Json): Reply {
  return { status: 200, content: { json: body } }
}

export function text(body: string, status = 200): Reply {
  return { status, content: { text: body } }
}

export const DONE: Reply = text('')
export const BAD_REQUEST: Reply = text('Bad Request', 400)
export const NOT_FOUND: Reply = text('Not Found', 404)

/** A refusal in the node's own words. */
export function conflict(words: string): Reply {
  return text(words, 409)
}

export function replyTo(result: CommandResult): Reply {
  return result.ok ? DONE : conflict(`${result.problem.message} ${result.problem.help}`)
}

/** Of one call. */
export const HASHES = 10_000

/** Those that `hashes` names and that are there; `all` is all. `null` without the parameter. */
export function rowsOf({ params, world }: Call): readonly Row[] | null {
  const hashes = params.text('hashes') ?? params.text('hash')
  if (hashes === null || hashes === '') return null
  if (hashes === 'all') return world.list.rows()
  const named = new Set(hashes.toLowerCase().split('|', HASHES))
  return [...named].map((hash) => world.list.row(hash)).filter((row) => row !== null)
}

/** In as many runs as commands are needed for them. */
export function idRunsOf(rows: readonly Row[]): string[][] {
  const runs: string[][] = []
  for (let at = 0; at < rows.length; at += TORRENTS_AT_ONCE) {
    runs.push(rows.slice(at, at + TORRENTS_AT_ONCE).map(({ summary }) => summary.id))
  }
  return runs
}

/** Torrents of one command. */
export const TORRENTS_AT_ONCE = 10_000
