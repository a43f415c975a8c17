/**
 * The screen's picture of the node, kept from the control's snapshot and diffs.
 */
import type { Problem, SessionSummary, TorrentSummary, Update } from '@pigeon/control/contract'

export interface NodeState {
  /** `null` until the first snapshot. */
  readonly session: SessionSummary | null
  /** In the order in which they were added. */
  readonly torrents: readonly TorrentSummary[]
  /** Why the line to the node is down. */
  readonly offline: Problem | null
}

export const EMPTY_STATE: NodeState = { session: null, torrents: [], offline: null }

export function reduceUpdate(state: NodeState, update: Update): NodeState {
  switch (update.kind) {
    case 'snapshot':
      return { session: update.session, torrents: inOrder(update.torrents), offline: null }
    case 'offline':
      return { ...state, offline: update.problem }
    case 'diff': {
      const byId = new Map(state.torrents.map((torrent) => [torrent.id, torrent]))
      for (const torrent of update.changed) byId.set(torrent.id, torrent)
      for (const id of update.removed) byId.delete(id)
      return {
        session: update.session ?? state.session,
        torrents: inOrder([...byId.values()]),
        offline: null,
      }
    }
    default:
      return update satisfies never
  }
}

function inOrder(torrents: readonly TorrentSummary[]): readonly TorrentSummary[] {
  return torrents.toSorted(
    (one, other) => one.addedAtMs - other.addedAtMs || one.name.localeCompare(other.name),
  )
}
