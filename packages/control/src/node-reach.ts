/** What stands around a session and is not its own: the proxy that all goes through, and the tracker for others. */
import type { SessionProblem } from './controlled-session.ts'
import type { NetworkStatus } from './network.ts'

export interface NodeReach {
  proxy(): NetworkStatus['proxy']
  tracker(): NetworkStatus['tracker']
  readonly isTrackerOn: boolean
  /** Until the node is started anew. `null`: it was done. */
  switchTracker(isOn: boolean): Promise<SessionProblem | null>
}
