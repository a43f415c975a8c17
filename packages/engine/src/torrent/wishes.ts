/**
 * What a user may wish of a torrent that takes no step of its phases: it counts at once and is recorded.
 */
import type { Address } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import { LIMITS } from '../settings.ts'
import type { TorrentLimits } from './options.ts'
import type { Torrent } from './torrent.ts'

type Tiers = readonly (readonly string[])[]

export function setSequential(torrent: Torrent, isSequential: boolean): Promise<IoProblem | null> {
  torrent.options.isSequential = isSequential
  torrent.content?.picker.setSequential(isSequential)
  return torrent.save()
}

/** What is absent stays as it is. */
export function setLimits(
  torrent: Torrent,
  limits: Partial<TorrentLimits>,
): Promise<IoProblem | null> {
  torrent.options.limits = { ...torrent.options.limits, ...limits }
  torrent.limitsChanged()
  return torrent.save()
}

export function setCategory(torrent: Torrent, category: string | null): Promise<IoProblem | null> {
  torrent.options.category = category
  torrent.limitsChanged()
  return torrent.save()
}

export function setTags(torrent: Torrent, tags: Iterable<string>): Promise<IoProblem | null> {
  torrent.options.tags = [...new Set(tags)].sort()
  return torrent.save()
}

export function setTrackers(torrent: Torrent, tiers: Tiers): Promise<IoProblem | null> {
  torrent.options.trackers = tiers
  torrent.transfer.announcer.setTiers(tiers)
  return torrent.save()
}

/** Those that it does not have yet. */
export function addTrackers(torrent: Torrent, tiers: Tiers): Promise<IoProblem | null> {
  const known = new Set(torrent.options.trackers.flat())
  const fresh = tiers
    .map((tier) => tier.filter((url) => !known.has(url)))
    .filter((tier) => tier.length > 0)
  if (fresh.length === 0) return Promise.resolve(null)
  return setTrackers(torrent, [...torrent.options.trackers, ...fresh])
}

/** Tries these peers at once, and again after a restart. */
export function addPeers(
  torrent: Torrent,
  addresses: readonly Address[],
): Promise<IoProblem | null> {
  torrent.transfer.swarm.addCandidates(addresses, 'user')
  const peers = remembered(addresses, torrent.options.peers)
  if (peers === null) return Promise.resolve(null)
  torrent.options.peers = peers
  return torrent.save()
}

/** The same for peers that another magnet of the torrent named: none for a private one. */
export function addMagnetPeers(
  torrent: Torrent,
  addresses: readonly Address[],
): Promise<IoProblem | null> {
  if (torrent.isPrivate) return Promise.resolve(null)
  torrent.transfer.swarm.addCandidates(addresses, 'magnet')
  const peers = remembered(addresses, torrent.options.magnetPeers)
  if (peers === null) return Promise.resolve(null)
  torrent.options.magnetPeers = peers
  return torrent.save()
}

/** The newest first, each once; `null` where none is new. */
function remembered(
  addresses: readonly Address[],
  before: readonly Address[],
): readonly Address[] | null {
  const known = new Set(before.map(({ host, port }) => `${host} ${port}`))
  const fresh = addresses.filter(({ host, port }) => !known.has(`${host} ${port}`))
  return fresh.length === 0 ? null : [...fresh, ...before].slice(0, LIMITS.rememberedPeers)
}
