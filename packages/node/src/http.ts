import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import {
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
  type RequestOptions,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { HttpAnswer, HttpOptions, HttpPort } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { decodeBody } from './http-body.ts'
import { followRedirects, type Hop } from './http-redirects.ts'
import type { Reach } from './http-rules.ts'
import { errnoOf, networkProblem } from './io-errors.ts'
import type { ConnectTo } from './socks-proxy.ts'
import { ANY_SOURCE, type SourceAddresses } from './source-addresses.ts'

export const USER_AGENT = 'Pigeon/0.1.0'

/** How names become addresses; another one is only handed in by tests. */
export type LookupAll = (
  host: string,
  answer: (error: Error | null, found: readonly LookupAddress[]) => void,
) => void

export interface HttpPortOptions {
  readonly lookup?: LookupAll
  /** Where requests leave from, but those to loopback; trackers take it for where peers reach us. */
  readonly sources?: SourceAddresses
  /** Makes connections in another way, as through a proxy, by name: nothing is looked up here then. */
  readonly connect?: ConnectTo
  /** Asked with each request: whether it is left out who we are. */
  readonly isAnonymous?: () => boolean
  /** Certificates to trust instead of the system's, in PEM. */
  readonly trustedCertificates?: string
}

/**
 * GET over node:http and node:https. All that goes wrong is a value whose text names the host only, since paths and
 * queries hold passkeys. Certificates are always checked.
 */
export function createHttpPort(options: HttpPortOptions = {}): HttpPort {
  return { get: (url, httpOptions) => new Get(url, httpOptions, options).run() }
}

class Get {
  readonly #url: string
  readonly #options: HttpOptions
  readonly #port: HttpPortOptions
  #request: ClientRequest | null = null
  #isOver = false
  readonly #end = new AbortController()

  constructor(url: string, options: HttpOptions, port: HttpPortOptions) {
    this.#url = url
    this.#options = options
    this.#port = port
  }

  /** One clock for everything: names, redirects, body and unpacking. */
  run(): Promise<HttpAnswer | IoProblem> {
    return new Promise((decide) => {
      const finish = (result: HttpAnswer | IoProblem): void => {
        this.#isOver = true
        this.#end.abort()
        clearTimeout(timer)
        this.#request?.destroy()
        decide(result)
      }
      const timer = setTimeout(() => finish(lateProblem(this.#url)), this.#options.timeoutMs)
      const { allowPrivate } = this.#options
      const hop = (url: URL, reach: Reach): Promise<Hop | IoProblem> =>
        this.#isOver ? Promise.resolve(lateProblem(this.#url)) : this.#hop(url, reach)
      followRedirects(this.#url, allowPrivate, hop).then(finish, (error: unknown) => {
        finish(networkProblem(error, `ask ${placeOf(this.#url)}`))
      })
    })
  }

  async #hop(url: URL, reach: Reach): Promise<Hop | IoProblem> {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // A numeric host is connected to without any look-up.
    if (isIP(host) !== 0 && !reach.allows(host)) return forbiddenProblem(url)
    const way = await this.#way(url, host, reach)
    if (isIoProblem(way)) return way
    return new Promise((decide) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const request = send(url, {
        headers: {
          ...this.#options.headers,
          ...FIXED_HEADERS,
          ...(this.#port.isAnonymous?.() === true ? {} : { 'User-Agent': USER_AGENT }),
        },
        maxHeaderSize: MAX_HEADER_BYTES,
        ...way,
      })
      this.#request = request
      request.on('error', (error) => decide(requestProblem(error, url)))
      request.on('response', (response) => {
        void this.#read(url, response).then(decide, (error: unknown) => {
          decide(requestProblem(error, url))
        })
      })
      request.end()
    })
  }

  /** How the server is connected to. */
  async #way(url: URL, host: string, reach: Reach): Promise<RequestOptions | IoProblem> {
    const { connect, sources = ANY_SOURCE, lookup = lookupAll, trustedCertificates } = this.#port
    const trust = trustedCertificates === undefined ? {} : { ca: trustedCertificates }
    if (connect === undefined) {
      const from = leavingFor(host, sources)
      if (isIoProblem(from)) return from
      return { agent: false, lookup: guardedLookup(reach, lookup), ...from, ...trust }
    }
    // Where a name leads, only the proxy knows; what can be known of it is judged.
    if (isLocalName(host) && !reach.allows('127.0.0.1')) return forbiddenProblem(url)
    const isTls = url.protocol === 'https:'
    const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
    const socket = await connect(host, port, this.#end.signal)
    if (isIoProblem(socket)) return socket
    const servername = isIP(host) === 0 ? host : ''
    return {
      defaultPort: isTls ? 443 : 80,
      createConnection: () => (isTls ? connectTls({ socket, host, servername, ...trust }) : socket),
    }
  }

  async #read(url: URL, response: IncomingMessage): Promise<Hop | IoProblem> {
    const status = response.statusCode ?? 0
    const { headers } = response
    const { location } = headers
    if (REDIRECTS.has(status) && location !== undefined) {
      // Behind a proxy a name's address is not known, and a redirect from there leads to public places alone.
      const connected = response.socket.remoteAddress ?? ''
      const named = url.hostname.replace(/^\[|\]$/g, '')
      const serverAddress = this.#port.connect === undefined ? connected : named
      response.destroy()
      return { kind: 'redirect', location, serverAddress }
    }
    const body = await decodeBody(response, this.#options.limitBytes, url.host)
    return isIoProblem(body) ? body : { kind: 'answer', answer: { status, body, headers } }
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MAX_HEADER_BYTES = 16 * 1024
const FIXED_HEADERS = {
  Accept: '*/*',
  'Accept-Encoding': 'gzip, deflate',
  Connection: 'close',
} as const
const FORBIDDEN = 'PIGEON_ADDRESS_NOT_ALLOWED'

const LOOPBACK: BlockList = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

function isLocalName(host: string): boolean {
  return /(^|\.)(localhost|local|internal)\.?$/i.test(host)
}

/** The address to leave from, but for loopback; names are looked up in a family that has one. */
export function leavingFor(
  host: string,
  sources: SourceAddresses,
): { readonly localAddress?: string; readonly family?: number } | IoProblem {
  const family = isIP(host)
  if (host === 'localhost' || (family !== 0 && isLoopback(host))) return {}
  const families = family === 4 || family === 6 ? ([family] as const) : ([4, 6] as const)
  const found = families.map((each) => sources.of(each))
  if (found.every((each) => each === null)) return {}
  const localAddress = found.find((each) => typeof each === 'string')
  if (localAddress !== undefined) return { localAddress, family: isIP(localAddress) }
  return found.find((each) => isIoProblem(each)) ?? {}
}

function isLoopback(host: string): boolean {
  return LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
}

/** Marks what the guard refused, so that the request's error is known again. */
class ForbiddenAddress extends Error {
  readonly code = FORBIDDEN
}

/** Gives the socket only addresses within reach: what is judged here is what is connected to. */
export function guardedLookup(reach: Reach, lookup: LookupAll): LookupFunction {
  return (host, options, answer) => {
    lookup(host, (error, found) => {
      const isWanted = (family: number): boolean =>
        options.family !== 4 && options.family !== 6 ? true : options.family === family
      const allowed = found.filter(
        ({ address, family }) => reach.allows(address) && isWanted(family),
      )
      const [first] = allowed
      if (error !== null) answer(error, [])
      else if (first === undefined) answer(new ForbiddenAddress(), [])
      else if (options.all === true) answer(null, [...allowed])
      else answer(null, first.address, first.family)
    })
  }
}

export const lookupAll: LookupAll = (host, answer) => {
  systemLookup(host, { all: true, order: 'verbatim' }, (error, found) => answer(error, found ?? []))
}

function placeOf(text: string): string {
  return URL.parse(text)?.host ?? 'that address'
}

function requestProblem(error: unknown, url: URL): IoProblem {
  const code = errnoOf(error)
  if (code === FORBIDDEN) return forbiddenProblem(url)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA') {
    return ioProblem(
      'name-not-found',
      `The name ${url.hostname} has no address.`,
      'Check the spelling of the name and the connection to the name server.',
    )
  }
  if (code.startsWith('HPE_')) {
    return ioProblem('bad-answer', `${url.host} does not speak HTTP.`, 'Check the address.')
  }
  if (url.protocol === 'https:' && /CERT|TLS|SSL|SIGNATURE|ISSUER|CRL|EPROTO/.test(code)) {
    return ioProblem(
      'tls',
      `${url.host} could not prove who it is (${code}).`,
      'Its certificate is wrong, expired or for another name. Tell its operator; do not send it secrets.',
    )
  }
  return networkProblem(error, `ask ${url.host}`)
}

function lateProblem(url: string): IoProblem {
  return ioProblem('timed-out', `${placeOf(url)} took too long to answer.`, 'Try again later.')
}

function forbiddenProblem(url: URL): IoProblem {
  return ioProblem(
    'not-allowed',
    `${url.hostname} is at an address that must not be asked from here.`,
    'Addresses of this machine and of private networks are only asked where the settings allow it, and never after a redirect from outside.',
  )
}
