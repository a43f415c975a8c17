/** Checks that several features share: each is one sentence and what was seen. */
import type { Edge } from '../relay/edge.ts'
import type { Torrent } from '../torrent/make-torrent.ts'
import type { Member } from './stage.ts'
import type { Check } from './verdict.ts'

/** The share of the payload that must have crossed the relay: end games may leave a block out of the count. */
const MIN_SHARE = 0.99

export function bytesCheck(difference: string | undefined): Check {
  return {
    what: 'every byte is right',
    isMet: difference === undefined,
    seen: difference ?? 'equal',
  }
}

/** What passed between two, by whatever carried it. */
export type Passage = Pick<Edge, 'forward' | 'backward'>

export function handshakeCheck(edge: Passage, torrent: Torrent): Check {
  const wanted = torrent.infoHash.toString('hex')
  const hashes = [edge.forward, edge.backward].map((tally) =>
    tally.handshake?.infoHash.toString('hex'),
  )
  return {
    what: 'both sides shake hands in clear with the info-hash',
    isMet: hashes.every((hash) => hash === wanted),
    seen: hashes.map((hash) => hash ?? edge.forward.garbage ?? 'none').join(' / '),
  }
}

export function payloadCheck(edge: Passage, wantedBytes: number): Check {
  const { uniqueBytes } = edge.backward
  return {
    what: 'the payload crossed the wire between the two',
    isMet: uniqueBytes >= wantedBytes * MIN_SHARE,
    seen: `${uniqueBytes} of ${wantedBytes} bytes`,
  }
}

/** The named transport only, and at least one announce, from each client. */
export function announceCheck(
  members: readonly Member[],
  transport: 'http' | 'udp' | 'ws',
  infoHash: Buffer,
): Check {
  const wrong = members.find((member) => {
    const { announces } = member.tracker
    const isOurs = announces.every(
      (a) => a.transport === transport && a.infoHashHex === infoHash.toString('hex'),
    )
    return announces.length === 0 || !isOurs || !announces.some((a) => a.event === 'started')
  })
  const counts = members.map((member) => `${member.label} ${member.tracker.announces.length}`)
  return {
    what: `everyone announced over ${transport}, with event=started`,
    isMet: wrong === undefined,
    seen: wrong === undefined ? counts.join(', ') : `${wrong.label}: ${describe(wrong)}`,
  }
}

function describe(member: Member): string {
  const said = member.tracker.announces.map((a) => `${a.transport}:${a.event || '-'}`)
  return said.length === 0 ? 'no announce' : said.slice(0, 6).join(' ')
}

/** Bytes of blocks in `after` that `before` had already: what was fetched a second time. */
export function fetchedTwice(
  before: ReadonlyMap<number, ReadonlyMap<number, number>>,
  repeatedBytes: number,
  held: ReadonlySet<number>,
): { readonly inFlightBytes: number; readonly repeatedBytes: number } {
  let inFlightBytes = 0
  for (const [piece, blocks] of before)
    if (!held.has(piece)) for (const lengthBytes of blocks.values()) inFlightBytes += lengthBytes
  return { inFlightBytes, repeatedBytes }
}

/** Pieces of which every byte had been delivered. */
export function wholePieces(
  blocks: ReadonlyMap<number, ReadonlyMap<number, number>>,
  lengthOf: (pieceIndex: number) => number,
): Set<number> {
  const whole = new Set<number>()
  for (const [piece, lengths] of blocks) {
    let sum = 0
    for (const lengthBytes of lengths.values()) sum += lengthBytes
    if (sum >= lengthOf(piece)) whole.add(piece)
  }
  return whole
}
