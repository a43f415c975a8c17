/** Five clients, each with another fifth of the pieces: all must end up with everything, each from several others. */
import type { Driver } from '../driver/driver.ts'
import type { Edge } from '../relay/edge.ts'
import { payloadDifference, writePieces } from '../torrent/data-folder.ts'
import { type Torrent, makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { announceCheck } from './evidence.ts'
import { type Member, type Stage, untilDone } from './stage.ts'
import type { Check, Observation } from './verdict.ts'

export const SWARM_SIZE = 5
const MIN_SOURCES = 2
const SWARM_LIMIT_MS = 120_000
const ANNOUNCE_LIMIT_MS = 30_000
const MEETING_LIMIT_MS = 30_000

interface Link {
  readonly dialler: Member
  readonly dialled: Member
  readonly edge: Edge
}

export async function runSwarm(
  stage: Stage,
  drivers: readonly Driver[],
  seed: string,
): Promise<Observation> {
  const torrent = makeTorrent(plainPayload(seed))
  const members: Member[] = []
  const links: Link[] = []
  for (const [at, driver] of drivers.entries()) {
    const member = await stage.cast({ driver, role: 'leech', torrent, via: 'http' })
    writePieces(torrent, share(torrent, at, drivers.length), member.dataDir)
    // Each learns only of those that are up already, so that every pair has one dialler and no dial fails.
    for (const dialled of members)
      links.push({
        dialler: member,
        dialled,
        edge: await stage.connect(member, dialled.listen, dialled.label),
      })
    await stage.start(member)
    await member.tracker.waitFor(() => true, ANNOUNCE_LIMIT_MS)
    members.push(member)
    // Who comes next must not have it all before this one has met the others: some clients take a second to dial.
    const own = links.filter(({ dialler }) => dialler === member)
    await untilDone(() => own.every(hasMet), members, MEETING_LIMIT_MS)
  }
  const done = await untilDone(
    () =>
      members.every((member) => payloadDifference(torrent.payload, member.dataDir) === undefined),
    members,
    SWARM_LIMIT_MS,
  )
  const differences = members.flatMap((member) => {
    const difference = payloadDifference(torrent.payload, member.dataDir)
    return difference === undefined ? [] : [`${member.label} ${difference}`]
  })
  const stops = await stage.stopAll()
  return {
    checks: [
      {
        what: 'all five complete',
        isMet: done.isDone,
        seen: done.isDone ? done.seen : differences.join('; '),
      },
      ...members.map((member) => sourcesCheck(member, links)),
      announceCheck(members, 'http', torrent.infoHash),
      ...stops,
    ],
    payloadBytes: links.reduce(
      (sum, { edge }) => sum + edge.forward.payloadBytes + edge.backward.payloadBytes,
      0,
    ),
  }
}

function hasMet({ edge }: Link): boolean {
  return edge.forward.handshakeCount > 0 && edge.backward.handshakeCount > 0
}

/** Every fifth piece, beginning with its own number: no two have a piece in common. */
function share(torrent: Torrent, at: number, of: number): Set<number> {
  const pieces = Array.from({ length: torrent.pieceCount }, (_, index) => index)
  return new Set(pieces.filter((index) => index % of === at))
}

function sourcesCheck(member: Member, links: readonly Link[]): Check {
  const sources = links.flatMap(({ dialler, dialled, edge }) => {
    if (dialler === member && edge.backward.uniqueBytes > 0)
      return [`${dialled.label} ${edge.backward.uniqueBytes}`]
    if (dialled === member && edge.forward.uniqueBytes > 0)
      return [`${dialler.label} ${edge.forward.uniqueBytes}`]
    return []
  })
  return {
    what: `${member.label} got pieces from at least ${MIN_SOURCES} others`,
    isMet: sources.length >= MIN_SOURCES,
    seen: sources.length === 0 ? 'from no one' : sources.join(', '),
  }
}
