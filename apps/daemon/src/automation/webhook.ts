/** Posts to the address of `on-complete-webhook`. */
import { setTimeout as delay } from 'node:timers/promises'
import type { RawTorrentSummary } from '@pigeon/control/controlled-session'

/** Waits before a further try; one more try than these. */
export const RETRY_MS: readonly number[] = [5_000, 30_000]
const ANSWER_MS = 10_000

export interface Post {
  readonly url: string
  readonly body: string
  readonly userAgent: string
  readonly retryMs?: readonly number[]
}

/**
 * Answers `null` when the receiver took it, else why not; paths and queries stay out of that text, for they may hold
 * secrets. Redirects are not followed: the owner named one address and no other.
 */
export async function post(request: Post, signal: AbortSignal): Promise<string | null> {
  for (const waitMs of request.retryMs ?? RETRY_MS) {
    const attempt = await postOnce(request, signal)
    if (attempt === null || !attempt.mayRetry || signal.aborted) return attempt?.reason ?? null
    await delay(waitMs, undefined, { signal, ref: false }).catch(() => {})
  }
  return (await postOnce(request, signal))?.reason ?? null
}

interface Attempt {
  readonly reason: string
  /** The receiver may be better later. */
  readonly mayRetry: boolean
}

async function postOnce(request: Post, signal: AbortSignal): Promise<Attempt | null> {
  try {
    const { address, headers } = withoutCredentials(request.url)
    const answer = await fetch(address, {
      method: 'POST',
      body: request.body,
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': request.userAgent,
        ...headers,
      },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    // What the receiver says is of no interest, however long it is.
    await answer.body?.cancel()
    if (answer.ok) return null
    const isRedirect = answer.status >= 300 && answer.status < 400
    const reason = isRedirect
      ? 'it redirects elsewhere, which is not followed: name the address itself'
      : `it answered ${answer.status}`
    return { reason, mayRetry: answer.status >= 500 || answer.status === 429 }
  } catch (error) {
    return { reason: reasonOf(error), mayRetry: true }
  }
}

/** `fetch` takes no name and password in an address; they belong into a header. */
function withoutCredentials(url: string): {
  readonly address: URL
  readonly headers: Readonly<Record<string, string>>
} {
  const address = new URL(url)
  const { username, password } = address
  if (username === '' && password === '') return { address, headers: {} }
  address.username = ''
  address.password = ''
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { address, headers: { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` } }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_MS / 1000} s`
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.name
  return `it could not be reached (${code})`
}

/** What is posted. */
export function completionMessage(node: string, torrent: RawTorrentSummary): string {
  const { id, name, folder, category, tags, wantedBytes } = torrent
  const { infoHashV1, infoHashV2, addedAtMs, finishedAtMs } = torrent
  return JSON.stringify({
    event: 'torrent-complete',
    node,
    torrent: {
      ...{ id, name, folder, category, tags, wantedBytes },
      ...{ infoHashV1, infoHashV2, addedAtMs, finishedAtMs },
    },
  })
}
