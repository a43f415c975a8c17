/** Requests to the control API of another node, with every way to fail as a problem that says what to do. */
import { Agent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as AgentTls, request as requestHttps } from 'node:https'
import { toDisplay } from '@pigeon/protocol/display'
import type { Problem } from './contract.ts'
import { showProblem } from './display.ts'
import { ProblemAnswer } from './messages.ts'
import { problem } from './problems.ts'

/** The details of the largest torrent that is allowed stay below this. */
export const ANSWER_BYTES: number = 256 * 1024 * 1024
export const ANSWER_MS = 60_000

export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  readonly body: Buffer
}

/** Where a node is asked. */
export interface NodePlace {
  readonly base: URL
  /** In messages: host and port, or the path of the socket. */
  readonly name: string
  /** The unix socket that all requests go through, whatever the address says. */
  readonly socketPath: string | null
}

export interface RequestBody {
  readonly type: string
  readonly bytes: Uint8Array
}

export interface RequestOptions {
  readonly body?: RequestBody
  /** How long the node may take; `null` when the work may take any time. */
  readonly timeoutMs?: number | null
}

export class RemoteHttp {
  readonly #place: NodePlace
  readonly #token: string
  readonly #agent: Agent

  constructor(place: NodePlace, token: string) {
    this.#place = place
    this.#token = token
    const options = { keepAlive: true, maxSockets: 4 }
    this.#agent = place.base.protocol === 'https:' ? new AgentTls(options) : new Agent(options)
  }

  /** Answers 2xx and other answers of a node; what shows that there is no node, or not for us, is a problem. */
  send(path: string, options: RequestOptions = {}): Promise<Answer | Problem> {
    const { base, socketPath } = this.#place
    const send = base.protocol === 'https:' ? requestHttps : requestHttp
    const { body, timeoutMs = ANSWER_MS } = options
    return new Promise((resolve) => {
      const fail = (error: unknown): void => resolve(connectionProblem(this.#place, error))
      const request = send(addressOf(base, path), {
        ...(socketPath === null ? {} : { socketPath }),
        method: body === undefined ? 'GET' : 'POST',
        agent: this.#agent,
        headers: {
          Accept: 'application/json',
          ...authorizationOf(this.#token),
          ...(body === undefined
            ? {}
            : { 'Content-Type': body.type, 'Content-Length': body.bytes.length }),
        },
        ...(timeoutMs === null ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
      })
      request.on('error', fail)
      request.on('response', (response) => {
        readAnswer(response, this.#place).then(resolve, fail)
      })
      request.end(body?.bytes)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** What says who asks; nothing where the way to the node says it. */
export function authorizationOf(token: string): { readonly Authorization?: string } {
  return token === '' ? {} : { Authorization: `Bearer ${token}` }
}

/** The address of a path of the API below the node's own. */
export function addressOf(base: URL, path: string): URL {
  return new URL(`${base.pathname.replace(/\/+$/, '')}${path}`, base)
}

async function readAnswer(response: IncomingMessage, place: NodePlace): Promise<Answer | Problem> {
  const chunks: Buffer[] = []
  let lengthBytes = 0
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue
    lengthBytes += chunk.length
    if (lengthBytes > ANSWER_BYTES) {
      response.destroy()
      return problem('answer-too-long', `${place.name} answers without end.`, NOT_A_PIGEON_HELP)
    }
    chunks.push(chunk)
  }
  const status = response.statusCode ?? 0
  const body = Buffer.concat(chunks)
  return (
    turnedAway(place, status, response.headers['pigeon-api'] !== undefined, body) ?? {
      kind: 'answer',
      status,
      body,
    }
  )
}

/** Why a node, or something else in its place, does not let us in; `null` when it does. */
export function turnedAway(
  { name }: NodePlace,
  status: number,
  isPigeon: boolean,
  body: Buffer,
): Problem | null {
  if (!isPigeon) {
    return problem(
      'not-a-pigeon',
      `What answers at ${name} is not a Pigeon node (status ${status}).`,
      NOT_A_PIGEON_HELP,
    )
  }
  if (status === 401) {
    return problem(
      'wrong-token',
      `${name} does not accept the token.`,
      'Copy the token again: "pigeond token --show" prints it on the machine of the node.',
    )
  }
  if (status === 421) {
    return problem(
      'wrong-host',
      `The node at ${name} does not know itself by that name.`,
      'Use the address that it printed when it started, or allow the name in its settings (control.hosts).',
    )
  }
  if (status === 403 || status === 429) return problemIn(body) ?? null
  return null
}

/** The problem in an answer, fit to show. */
export function problemIn(body: Buffer): Problem | null {
  const parsed = ProblemAnswer.safeParse(fieldOf(parseJson(body), 'problem'))
  return parsed.success ? showProblem(parsed.data) : null
}

export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

export function parseJson(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** What a failed connection means, in words. */
export function connectionProblem({ base, name: host }: NodePlace, error: unknown): Problem {
  const code = codeOf(error)
  switch (code) {
    case 'ECONNREFUSED':
    // Of a unix socket.
    case 'ENOENT':
      return problem(
        'refused',
        `Nothing listens at ${host}.`,
        'Start the node there (pigeond), or check the address.',
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return problem(
        'name-not-found',
        `There is no host called ${base.hostname}.`,
        'Check the address.',
      )
    case 'ETIMEDOUT':
    case 'TimeoutError':
      return problem(
        'timed-out',
        `${host} does not answer.`,
        'Check the address, the network, and whether the node is busy.',
      )
    case 'ECONNRESET':
    case 'EPIPE':
      return problem('reset', `${host} closed the connection.`, 'Look whether the node still runs.')
    default:
      return otherProblem(host, code)
  }
}

function otherProblem(host: string, code: string): Problem {
  if (code.startsWith('HPE_')) {
    return problem('not-a-pigeon', `${host} does not speak HTTP.`, NOT_A_PIGEON_HELP)
  }
  if (/CERT|SSL|TLS|EPROTO/.test(code)) {
    return problem(
      'tls',
      `The encrypted connection to ${host} failed (${toDisplay(code)}).`,
      'Check its certificate, or whether the address should begin with http:.',
    )
  }
  return problem(
    'unreachable',
    `${host} cannot be reached (${toDisplay(code)}).`,
    'Check the address and the network.',
  )
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  // An abort by time-out is wrapped: its cause has the name that tells.
  if (error.cause instanceof Error && error.cause.name === 'TimeoutError') return 'TimeoutError'
  // Several addresses were tried; the first failure stands for all.
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

const NOT_A_PIGEON_HELP = 'Check host and port: the node prints its address when it starts.'
