import type { HttpAnswer } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { firstReach, mayRedirect, type Reach, reachAfter } from './http-rules.ts'

export const MAX_REDIRECTS = 5

/** What one server said. */
export type Hop =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | {
      readonly kind: 'redirect'
      readonly location: string
      /** The numeric address that was connected to. */
      readonly serverAddress: string
    }

/** Asks hop by hop until a server answers; each redirect is judged before it is followed. */
export async function followRedirects(
  text: string,
  allowPrivate: boolean,
  ask: (url: URL, reach: Reach) => Promise<Hop | IoProblem>,
): Promise<HttpAnswer | IoProblem> {
  let url = parseUrl(text)
  if (url === null) return badUrlProblem()
  let reach = firstReach(allowPrivate)
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const hop = await ask(url, reach)
    if (isIoProblem(hop)) return hop
    if (hop.kind === 'answer') return hop.answer
    const next = parseUrl(hop.location, url)
    if (next === null || !mayRedirect(url, next)) return badRedirectProblem(url)
    reach = reachAfter(hop.serverAddress, allowPrivate)
    url = next
  }
  return tooManyRedirectsProblem(url)
}

/** `null` unless it is http or https with an ASCII host: other letters are folded into ones that look alike. */
function parseUrl(text: string, base?: URL): URL | null {
  const url = URL.parse(text, base?.href)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null
  const authority = /^(?:[a-z]+:)?[/\\]{2}([^/\\?#]*)/i.exec(text.trim())?.[1] ?? ''
  // eslint-disable-next-line no-control-regex
  return /^[\x21-\x7e]*$/.test(authority) ? url : null
}

function badUrlProblem(): IoProblem {
  return ioProblem(
    'not-allowed',
    'That is no http or https address with a plain host name.',
    'Check the address.',
  )
}

function badRedirectProblem(from: URL): IoProblem {
  return ioProblem(
    'not-allowed',
    `${from.host} redirects to an address that must not be followed.`,
    'Redirects from https to http, and to other schemes, are refused. Check the address.',
  )
}

function tooManyRedirectsProblem(url: URL): IoProblem {
  return ioProblem(
    'bad-answer',
    `${url.host} redirects again and again.`,
    `At most ${MAX_REDIRECTS} redirects are followed. Check the address.`,
  )
}
