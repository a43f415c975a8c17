/** Requests byte for byte: `fetch` would set Host, Origin and Sec-Fetch-Site itself. */
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'

export interface PlainAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface PlainRequest {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

export function ask(port: number, path: string, options: PlainRequest = {}): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers: { host: `127.0.0.1:${port}`, ...options.headers },
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
        answer.on('error', reject)
      },
    )
    // A refused upgrade is an answer, a granted one is told by its status.
    sent.on('upgrade', (answer, socket) => {
      socket.destroy()
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: '' })
    })
    sent.on('error', reject)
    sent.end(options.body)
  })
}

export function postJson(
  port: number,
  path: string,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): Promise<PlainAnswer> {
  return ask(port, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

/** Logs in with the token of a link; answers the headers that carry the session. */
export async function logIn(
  port: number,
  link: string,
): Promise<{ readonly cookie: string; readonly 'x-pigeon-session': string }> {
  const { pathname, hash } = new URL(link)
  const answer = await postJson(port, pathname, { token: hash.slice(1) })
  if (answer.status !== 200) throw new Error(`The login was answered with ${answer.status}.`)
  const key: unknown = JSON.parse(answer.body).key
  return {
    cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
    'x-pigeon-session': String(key),
  }
}
