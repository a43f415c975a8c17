/** One HTTP request, with any headers that a test likes. */
import { request } from 'node:http'

export interface Asked {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
  /** The code in an answer of the form `{problem: {code}}`. */
  readonly code: string | null
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export function ask(port: number, path: string, options: Ask = {}): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      path,
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
      agent: false,
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        const { headers, statusCode: status = 0 } = response
        resolve({ status, headers, body, code: codeIn(body) })
      })
    })
    sent.end(options.body)
  })
}

function codeIn(body: string): string | null {
  return /"problem":\{"code":"([a-z-]+)"/.exec(body)?.[1] ?? null
}
