/** `pigeon wire`: what is said on the connection with one peer, a line for each message. */
import type { PeerDetail, Problem, TorrentSummary } from '@pigeon/control/contract'
import type { WireEvent, WireMessage, WireTarget } from '@pigeon/control/network'
import { isProblem, problem, UNKNOWN_TORRENT } from '@pigeon/control/problems'
import { wireFilter } from '../../network/wire-filter.ts'
import { bepText, fieldsText, wireTime } from '../../network/wire-words.ts'
import { jsonLine } from '../output.ts'
import { type Around, type Given, hasFlag, type NodeAction, textFlag } from './around.ts'
import { torrentGiven } from './perform.ts'
import { type Read, readCount, readFlags, readTime } from './values.ts'

export const wire: NodeAction = async (around, given) => {
  const limits = limitsIn(around, given)
  if (isProblem(limits)) return limits
  const [peerWord = '', torrentWord] = given.args
  const torrent = await torrentGiven(around, torrentWord)
  if (isProblem(torrent)) return torrent
  const peer = await peerGiven(around, torrent, peerWord)
  if (isProblem(peer)) return peer
  const target = { torrent: torrent.id, peer: peer.number }
  if (around.showWire === undefined) return follow(around, given, target, limits.value)
  around.showWire(target, `${peer.address}, ${peer.client}`)
  return null
}

interface Limits {
  readonly limit?: number
  readonly for?: number
}

/** Read aloud, it ends by itself: nothing else can be said meanwhile. */
const SPOKEN_MS = 10_000

function limitsIn(around: Around, given: Given): Read<Limits> {
  const read = readFlags<Required<Limits>>(given, {
    limit: ['limit', readCount],
    for: ['for', readTime],
  })
  if (isProblem(read) || !around.isSpoken) return read
  return { value: { for: SPOKEN_MS, ...read.value } }
}

async function peerGiven(
  around: Around,
  torrent: TorrentSummary,
  word: string,
): Promise<PeerDetail | Problem> {
  const detail = await around.control.detail(torrent.id)
  if (detail === null) return UNKNOWN_TORRENT
  const found = detail.peers.find(
    ({ number, address }) => String(number) === word || address === word,
  )
  return found ?? (detail.peers.length === 0 ? NO_PEERS : NO_SUCH_PEER)
}

function follow(
  around: Around,
  given: Given,
  target: WireTarget,
  limits: Limits,
): Promise<Problem | null> {
  const fits = wireFilter(textFlag(given, 'filter') ?? '')
  const print = hasFlag(given, 'json')
    ? jsonLine
    : (message: WireMessage) => lineOf(around, message)
  return new Promise((resolve) => {
    let room = limits.limit ?? Number.POSITIVE_INFINITY
    let stop = (): void => {}
    const end = (outcome: Problem | null): void => {
      clearTimeout(timer)
      around.signal.removeEventListener('abort', onAbort)
      // The first event may come before `inspect` has answered how to stop it.
      queueMicrotask(() => stop())
      resolve(outcome)
    }
    const onAbort = (): void => end(null)
    const timer = limits.for === undefined ? undefined : setTimeout(() => end(null), limits.for)
    around.signal.addEventListener('abort', onAbort, { once: true })
    stop = around.control.inspect(target, (event) => {
      if (room <= 0) return
      if (event.kind === 'ended') {
        around.note('The connection has ended.')
        return end(event.problem)
      }
      noteLeftOut(around, event)
      for (const message of event.messages.filter(fits).slice(0, room)) {
        around.print(print(message))
        room -= 1
      }
      if (room <= 0) end(null)
    })
    if (around.signal.aborted) end(null)
  })
}

function noteLeftOut(around: Around, { leftOut }: Extract<WireEvent, { kind: 'messages' }>): void {
  if (leftOut === 0) return
  around.note(`${leftOut} ${leftOut === 1 ? 'message' : 'messages'} left out: too many at once.`)
}

function lineOf(around: Around, message: WireMessage): string {
  const { direction, name, lengthBytes } = message
  const spec = bepText(message)
  const bytes = `${lengthBytes} ${lengthBytes === 1 ? 'byte' : 'bytes'}`
  const fields = fieldsText(message)
  if (around.isSpoken) {
    const way = direction === 'in' ? 'from the peer' : 'from us'
    return `${[name, way, spec, bytes, fields].filter((part) => part !== '').join(', ')}.`
  }
  const head = [wireTime(message), direction.padEnd(3), name.padEnd(19), spec.padEnd(6)]
  return `${head.join(' ')} ${bytes.padStart(12)}  ${fields}`.trimEnd()
}

const NO_PEERS = problem(
  'not-found',
  'No peer of this torrent is connected.',
  'Wait until one is: "pigeon peers" lists them.',
)
const NO_SUCH_PEER = problem(
  'not-found',
  'There is no such peer among those that are connected.',
  'Give its number or its address as "pigeon peers" prints them.',
)
