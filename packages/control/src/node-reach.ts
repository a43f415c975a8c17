/** What stands around a session and is not its own: the proxy that all goes through, and the tracker for others. */
import type { Problem } from './contract.ts'
import type { SessionProblem } from './controlled-session.ts'
import type { NetworkStatus } from './network.ts'

export interface NodeReach {
  proxy(): NetworkStatus['proxy']
  tracker(): NetworkStatus['tracker']
  readonly isTrackerOn: boolean
  /** What the session does not know of its blocklist: why it could not be loaded. */
  blocklist?(): { readonly source: string; readonly problem: Problem | null } | null
  /** Until the node is started anew. `null`: it was done. */
  switchTracker(isOn: boolean): Promise<SessionProblem | null>
}
