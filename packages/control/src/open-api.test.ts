import { readFileSync } from 'node:fs'
import type { Router } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { API_ROUTES, type ApiRoute } from './api-routes.ts'
import { Command } from './contract.ts'
import { FILTER_FIELDS } from './filter.ts'
import { Gate } from './gate.ts'
import { openApiDocument } from './open-api.ts'
import { controlRoutes } from './serve.ts'
import { type Ask, ask, type Asked } from './testing/ask.ts'
import { FakeControl } from './testing/fake-control.ts'
import { READ_TOKEN, type ServedControl, serveControl, TOKEN } from './testing/served-control.ts'
import { UploadQuery } from './upload-query.ts'

let control: FakeControl
let served: ServedControl

beforeAll(async () => {
  control = new FakeControl({ torrentCount: 12 })
  served = await serveControl(control)
})

afterAll(() => served.close())

function askWith(path: string, options: Ask = {}, token = TOKEN): Promise<Asked> {
  const headers = { Authorization: `Bearer ${token}`, ...options.headers }
  return ask(served.port, path, { ...options, headers })
}

function mountedRoutes(): readonly string[] {
  const gate = new Gate({ authorise: () => null, allowedHosts: [] })
  const router: Router = controlRoutes(new FakeControl(), gate)
  return router.stack.flatMap(({ route }) => {
    // Catch-alls answer 405 to every method.
    const isCatchAll = route?.stack.every(({ method }) => method === undefined) ?? true
    const method = route?.stack[0]?.method
    return isCatchAll ? [] : [`${method} ${route?.path}`]
  })
}

function describedRoutes(): readonly string[] {
  return Object.entries(openApiDocument().paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  )
}

describe('the document', () => {
  it('describes every route that is mounted, and no other', () => {
    expect(describedRoutes().toSorted()).toEqual(mountedRoutes().toSorted())
    expect(mountedRoutes()).toContain('get /api/v1/torrents/:id')
  })

  it('is served to everybody with a token', async () => {
    const { status, body } = await askWith('/api/v1/openapi.json', {}, READ_TOKEN)
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
    expect((await ask(served.port, '/api/v1/openapi.json')).status).toBe(401)
  })

  it('names only parts of itself that are there', () => {
    const text = JSON.stringify(openApiDocument())
    const names = [...text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)]
    expect(names.length).toBeGreaterThan(10)
    for (const [, kind = '', name = ''] of names) {
      expect(openApiDocument().components[kind], `${kind}/${name}`).toHaveProperty(name)
    }
  })

  it('has a name of its own for every operation', () => {
    const ids = Object.values(openApiDocument().paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('what is really answered', () => {
  const JSON_BODY = { 'Content-Type': 'application/json' }
  const post = (body: unknown): Ask => ({
    method: 'POST',
    headers: JSON_BODY,
    body: JSON.stringify(body),
  })
  const id = () => control.torrents[0]?.id ?? ''

  const CASES: readonly (readonly [string, () => string, () => Ask, number])[] = [
    ['/healthz', () => '/healthz', () => ({}), 200],
    ['/api/v1/session', () => '/api/v1/session', () => ({}), 200],
    ['/api/v1/torrents', () => '/api/v1/torrents?sort=-size&filter=tag:iso', () => ({}), 200],
    ['/api/v1/torrents', () => '/api/v1/torrents?sort=x', () => ({}), 400],
    ['/api/v1/torrents', () => '/api/v1/torrents', () => post({ do: 'jump' }), 400],
    [
      '/api/v1/torrents',
      () => '/api/v1/torrents',
      () => post({ do: 'add', source: { kind: 'magnet', uri: 'magnet:?xt=urn:btih:0' } }),
      200,
    ],
    ['/api/v1/torrents/{id}', () => `/api/v1/torrents/${id()}`, () => ({}), 200],
    ['/api/v1/torrents/{id}', () => '/api/v1/torrents/no', () => ({}), 404],
    ['/api/v1/torrents/{id}/metainfo', () => '/api/v1/torrents/no/metainfo', () => ({}), 404],
    ['/api/v1/commands', () => '/api/v1/commands', () => post({ do: 'pause', ids: [id()] }), 200],
    [
      '/api/v1/commands',
      () => '/api/v1/commands',
      () => post({ do: 'pause', ids: ['f'.repeat(40)] }),
      404,
    ],
    ['/api/v1/commands', () => '/api/v1/commands', () => ({ method: 'POST' }), 415],
    [
      '/api/v1/preview',
      () => '/api/v1/preview',
      () => post({ source: { kind: 'url', url: 'http://example.org' } }),
      200,
    ],
    ['/api/v1/folders', () => '/api/v1/folders?path=%2Fhome%2Fana', () => ({}), 200],
    ['/api/v1/folders', () => '/api/v1/folders?path=%2Fetc', () => ({}), 403],
    ['/api/v1/network', () => '/api/v1/network', () => ({}), 200],
    ['/api/v1/dht', () => '/api/v1/dht', () => post({ do: 'get', target: 'a'.repeat(40) }), 200],
    ['/api/v1/dht', () => '/api/v1/dht', () => post({ do: 'get', target: 'x' }), 400],
    ['/api/v1/ticket', () => '/api/v1/ticket', () => ({ method: 'POST' }), 200],
    ['/api/v1/openapi.json', () => '/api/v1/openapi.json', () => ({}), 200],
    ['/api/v1/events', () => '/api/v1/events', () => ({}), 426],
  ]

  it.each(CASES)('fits %s', async (path, address, options, status) => {
    const asked = options()
    const answer = await askWith(address(), asked)
    expect(answer.status).toBe(status)
    const schema = schemaOf(path, asked.method ?? 'GET', status)
    // What is not described must not come either: the schema is made strict before it is asked.
    expect(strictly(schema).safeParse(JSON.parse(answer.body)).error?.issues).toBeUndefined()
  })

  it('would not fit if a field were missing', async () => {
    const { body } = await askWith('/api/v1/session')
    const answer: { session: Record<string, unknown> } = JSON.parse(body)
    delete answer.session['peerId']
    const schema = strictly(schemaOf('/api/v1/session', 'GET', 200))
    expect(schema.safeParse(answer).success).toBe(false)
  })

  it('has every path among its cases but files', () => {
    const tried = new Set(CASES.map(([path]) => path))
    expect([...tried].toSorted()).toEqual(Object.keys(openApiDocument().paths).toSorted())
  })
})

describe('docs/api.md', () => {
  const text = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8')

  it('names every route with the scope that it needs', () => {
    for (const { method, path, scope } of Object.values<ApiRoute>(API_ROUTES)) {
      const needed = scope === null ? 'none' : `\`${scope}\``
      const row = `| \`${method.toUpperCase()} ${path.replace('{id}', 'ID')}\` | ${needed} |`
      expect(text).toContain(row)
    }
  })

  it('names every command with all its fields', () => {
    const commands = text.slice(text.indexOf('## Commands'), text.indexOf('## WebSocket'))
    for (const option of Command.options) {
      const { do: name, ...fields } = option.shape
      const row = commands
        .split('\n')
        .find((line) => line.startsWith('|') && line.includes(`\`${name.value}\``))
      expect(row, name.value).toBeDefined()
      for (const field of Object.keys(fields)) expect(row, name.value).toContain(`\`${field}\``)
    }
  })

  it('names every field and flag of the filter language', () => {
    for (const { name } of FILTER_FIELDS) expect(text).toContain(`\`${name}\``)
  })

  it('names every option of an upload', () => {
    for (const name of Object.keys(UploadQuery.shape)) {
      expect(text).toMatch(new RegExp(`\`${name}[\`=]`))
    }
  })
})

interface AnySchema {
  readonly [key: string]: unknown
}

function schemaOf(path: string, method: string, status: number): AnySchema {
  const plain = JSON.parse(JSON.stringify(openApiDocument()))
  const response = plain.paths[path][method.toLowerCase()].responses[status]
  const { $ref } = response
  const found =
    typeof $ref === 'string' ? plain.components.responses[$ref.split('/').at(-1) ?? ''] : response
  const schema: AnySchema = found.content['application/json'].schema
  return { ...schema, $defs: { Problem: plain.components.schemas.Problem } }
}

/** Without room for fields that are not described. */
function strictly(schema: AnySchema): z.ZodType {
  const text = JSON.stringify(schema)
    .replaceAll('#/components/schemas/', '#/$defs/')
    .replaceAll(
      '"type":"object","properties":',
      '"type":"object","additionalProperties":false,"properties":',
    )
  return z.fromJSONSchema(JSON.parse(text))
}
