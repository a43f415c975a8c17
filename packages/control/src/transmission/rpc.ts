/** From the text of a request to the text of its answer, in the dialect in which it was asked. */
import type { Scope } from '../contract.ts'
import { allows } from '../compat/credentials.ts'
import { type JsonObject, SESSION_KEYS, toLegacy, TORRENT_KEYS, toSnake } from './keys.ts'
import { METHODS } from './methods.ts'
import { type Call, type Dialect, ERROR, type Outcome, refuse, type World } from './outcome.ts'

/** Calls of one JSON-RPC batch. */
export const BATCH_CALLS = 64
/** Lists and objects within one another; the deepest honest request has five. */
export const NESTING = 32

type Record = Readonly<{ [key: string]: unknown }>

/** The answer to a request; `null` when nothing is to be said (notifications). */
export async function answerRpc(text: string, world: World, scope: Scope): Promise<string | null> {
  const request = parse(text)
  if (Array.isArray(request)) return answerBatch(request, world, scope)
  // What is no JSON-RPC is legacy, garbage too: so Transmission has it.
  const answer = isJsonRpc(request)
    ? await answerCall(request, world, scope)
    : await answerLegacy(isRecord(request) ? request : {}, world, scope)
  return answer === null ? null : JSON.stringify(answer)
}

async function answerBatch(
  calls: readonly unknown[],
  world: World,
  scope: Scope,
): Promise<string | null> {
  if (calls.length === 0) return JSON.stringify(await answerLegacy({}, world, scope))
  if (calls.length > BATCH_CALLS) {
    return JSON.stringify(
      jsonRpcError(null, refuse(`more than ${BATCH_CALLS} calls`, ERROR.notRequest)),
    )
  }
  const answers: JsonObject[] = []
  for (const call of calls) {
    const answer = isJsonRpc(call)
      ? await answerCall(call, world, scope)
      : jsonRpcError(null, NO_REQUEST)
    if (answer !== null) answers.push(answer)
  }
  return answers.length === 0 ? null : JSON.stringify(answers)
}

const NO_REQUEST = refuse('not a JSON-RPC 2.0 request', ERROR.notRequest)

/** Spec: <https://www.jsonrpc.org/specification> */
async function answerCall(call: Record, world: World, scope: Scope): Promise<JsonObject | null> {
  const { method, params, id } = call
  if (typeof method !== 'string' || !isId(id)) return jsonRpcError(null, NO_REQUEST)
  const outcome = await run(method, params, { world, scope, dialect: 'json-rpc' })
  if (id === undefined) return null
  return outcome.ok ? { jsonrpc: '2.0', result: outcome.value, id } : jsonRpcError(id, outcome)
}

function jsonRpcError(id: string | number | null, outcome: Outcome): JsonObject {
  if (outcome.ok) return { jsonrpc: '2.0', result: outcome.value, id }
  const { code, words, value } = outcome
  const data = { error_string: words, ...(value === undefined ? {} : { result: value }) }
  return { jsonrpc: '2.0', error: { code, message: words, data }, id }
}

async function answerLegacy(request: Record, world: World, scope: Scope): Promise<JsonObject> {
  const { method, tag } = request
  const outcome =
    typeof method === 'string'
      ? await run(method, request['arguments'], { world, scope, dialect: 'legacy' })
      : refuse('no method name')
  const value = outcome.value ?? {}
  const keys =
    typeof method === 'string' && method.startsWith('torrent') ? TORRENT_KEYS : SESSION_KEYS
  const isSpelled = outcome.ok && outcome.isSpelled === true
  return {
    arguments: isSpelled ? value : toLegacy(value, keys),
    result: outcome.ok ? 'success' : outcome.words,
    ...(typeof tag === 'number' || typeof tag === 'string' ? { tag } : {}),
  }
}

async function run(name: string, args: unknown, caller: Call): Promise<Outcome> {
  const method = METHODS.get(toSnake(name))
  if (method === undefined) return refuse(NO_SUCH_METHOD[caller.dialect], ERROR.noSuchMethod)
  if (!allows(caller.scope, method.scope)) {
    return refuse(
      `the token of this client allows "${caller.scope}", and this needs "${method.scope}"`,
    )
  }
  if (args !== undefined && args !== null && !isRecord(args)) {
    return refuse('the arguments are not an object', ERROR.badArguments)
  }
  return method.run(snakeKeys(args ?? {}), caller)
}

const NO_SUCH_METHOD: { readonly [D in Dialect]: string } = {
  legacy: 'method name not recognized',
  'json-rpc': 'Method not found',
}

/** Of the arguments themselves; what lies within has no keys. */
function snakeKeys(args: Record): Record {
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [toSnake(key), value]))
}

function parse(text: string): unknown {
  if (isDeep(text)) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Whether it is nested beyond `NESTING`: to parse brackets by the million would hold everything up for many seconds. */
function isDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at)
    else if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    if (depth > NESTING) return true
  }
  return false
}

/** Where the quote stands that ends the string which begins there. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text[at - 1 - slashes] === '\\') slashes += 1
  return slashes % 2 === 1
}

function isJsonRpc(value: unknown): value is Record {
  return isRecord(value) && value['jsonrpc'] === '2.0'
}

function isId(id: unknown): id is string | number | null | undefined {
  if (id === undefined || id === null || typeof id === 'number') return true
  return typeof id === 'string' && id.length <= 256
}

function isRecord(value: unknown): value is Record {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
