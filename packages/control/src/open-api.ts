/** The OpenAPI 3.1 document: written from the table of routes and the schemas that check requests and answers. */
import { z } from 'zod'
import { API_ROUTES, type ApiRoute, JSON_TYPE, type RouteBody, TORRENT_TYPE } from './api-routes.ts'
import { ProblemAnswer, ResultAnswer } from './messages.ts'

/** Plain JSON. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: Readonly<Record<string, string>>
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly [kind: string]: Readonly<Record<string, unknown>> }
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly unknown[]
  readonly requestBody?: unknown
  readonly responses: Readonly<Record<string, unknown>>
}

/** The same for every node of this version. */
export function openApiDocument(): OpenApiDocument {
  document ??= makeDocument()
  return document
}

let document: OpenApiDocument | null = null

function makeDocument(): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const [name, route] of Object.entries<ApiRoute>(API_ROUTES)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(name, route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pigeon control API',
      version: '1',
      description:
        'Sizes are bytes, rates bytes a second, times milliseconds; wall times count from 1970. docs/api.md says more.',
    },
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        ticket: { type: 'apiKey', in: 'query', name: 'ticket' },
      },
      schemas: { Problem: schemaOf(ProblemAnswer, 'input') },
      responses: Object.fromEntries(
        Object.entries(PROBLEM_WORDS).map(([status, description]) => [
          `Problem${status}`,
          { description, content: { [JSON_TYPE]: { schema: PROBLEM_SCHEMA } } },
        ]),
      ),
    },
  }
}

const PROBLEM_SCHEMA = {
  type: 'object',
  properties: { problem: { $ref: '#/components/schemas/Problem' } },
  required: ['problem'],
}

const PROBLEM_WORDS: { readonly [status: number]: string } = {
  400: 'It is wrong in itself; the problem says where',
  401: 'The token is missing or wrong',
  403: 'The request comes from a page of another site, or its token may do less',
  404: 'There is no such torrent, folder or address',
  409: 'The node cannot do this now',
  413: 'The body is too long',
  415: 'The body has another type, or is compressed',
  421: 'The server is not known by the name in the Host header',
  426: 'There is a WebSocket at this address',
  429: 'Too many wrong tokens, too many clients, or too many questions to the DHT',
}

/** What the guards of every route may answer. */
const GUARD_STATUSES = [403, 421]
const CALLER_STATUSES = [401, 429]
const BODY_STATUSES = [413, 415]

function operationOf(name: string, route: ApiRoute): Operation {
  const { scope, summary, query, body, answer, problems } = route
  const statuses = new Set([
    ...problems,
    ...GUARD_STATUSES,
    ...(scope === null ? [] : CALLER_STATUSES),
    ...(body === undefined ? [] : BODY_STATUSES),
  ])
  const parameters = [...pathParameters(route.path), ...queryParameters(query)]
  return {
    operationId: name,
    summary,
    ...(scope === null ? {} : { description: `Needs a token with the scope "${scope}".` }),
    security: securityOf(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: bodyOf(body) }),
    responses: {
      ...answerOf(answer),
      ...Object.fromEntries([...statuses].map((status) => [status, problemOf(status, answer)])),
    },
  }
}

function securityOf({ scope, answer }: ApiRoute): Operation['security'] {
  if (scope === null) return []
  return answer === 'upgrade' ? [{ token: [] }, { ticket: [] }] : [{ token: [] }]
}

function pathParameters(path: string): readonly unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: 'v1 info-hash in hex, or v2 where there is none',
    schema: { type: 'string' },
  }))
}

function queryParameters(query: z.ZodObject | undefined): readonly unknown[] {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(schema, 'output'),
  }))
}

function bodyOf({ json, takesFile }: RouteBody): unknown {
  return {
    required: true,
    content: {
      [JSON_TYPE]: { schema: schemaOf(json, 'input') },
      ...(takesFile ? { [TORRENT_TYPE]: { schema: {} } } : {}),
    },
  }
}

function answerOf(answer: ApiRoute['answer']): Readonly<Record<string, unknown>> {
  if (answer === 'upgrade') return { 101: { description: 'The protocol changes to WebSocket' } }
  if (answer === 'file') {
    return { 200: { description: 'The file', content: { [TORRENT_TYPE]: { schema: {} } } } }
  }
  const schema = answer === 'document' ? { type: 'object' } : schemaOf(answer, 'input')
  return { 200: { description: 'Done', content: { [JSON_TYPE]: { schema } } } }
}

/** A command that failed answers its result, which holds the problem and more. */
function problemOf(status: number, answer: ApiRoute['answer']): unknown {
  const isCommand = answer === ResultAnswer && COMMAND_STATUSES.includes(status)
  if (!isCommand) return { $ref: `#/components/responses/Problem${status}` }
  const schema = { anyOf: [schemaOf(ResultAnswer, 'input'), PROBLEM_SCHEMA] }
  return { description: PROBLEM_WORDS[status], content: { [JSON_TYPE]: { schema } } }
}

const COMMAND_STATUSES: readonly number[] = [400, 403, 404, 409]

/** `input`: answers may gain fields; `output`: what a text in a query stands for. */
function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' })
  return plain
}
