/** What stands around a node's session: the proxy that all goes through, and the tracker that it is for others. */
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import type { BlocklistLoader } from './blocklist-loader.ts'
import { hostPort, type ListenAddress } from './network-kinds.ts'
import { OFF_BEHIND_PROXY, type SocksProxy } from './socks-proxy.ts'
import { openTrackerServer, type TrackerServer } from './tracker-server.ts'

export interface ProxyStatus {
  readonly address: string
  /** Why the proxy could not be used the last time. */
  readonly problem: IoProblem | null
}

export interface EmbeddedTrackerStatus {
  readonly listening: string
  /** Announce addresses to give to others. */
  readonly urls: readonly string[]
  readonly torrents: number
  readonly peers: number
  readonly announces: number
  readonly problem: IoProblem | null
}

export interface NodeReach {
  /** `null`: none is used. */
  proxy(): ProxyStatus | null
  /** `null` while it is off. */
  tracker(): EmbeddedTrackerStatus | null
  readonly isTrackerOn: boolean
  /** Which blocklist is wanted, and why it is not there or not the newest; `null` where none is. */
  blocklist(): { readonly source: string; readonly problem: BlocklistProblem | null } | null
  /** Until the node is started anew. `null`: it was done. */
  switchTracker(isOn: boolean): Promise<IoProblem | null>
}

type BlocklistProblem = NonNullable<BlocklistLoader['problem']>

/** Where the tracker listens when it is switched on and no setting says where. */
export const DEFAULT_TRACKER_LISTEN: ListenAddress = { host: '::', port: 6969 }

export class OpenReach implements NodeReach {
  readonly #proxy: SocksProxy | null
  readonly #listen: ListenAddress
  #tracker: TrackerServer | null = null
  #problem: IoProblem | null = null
  #blocklist: Pick<BlocklistLoader, 'source' | 'problem'> | null = null
  /** One switch after the other. */
  #switching: Promise<unknown> = Promise.resolve()

  constructor(proxy: SocksProxy | null, listen: ListenAddress | null) {
    this.#proxy = proxy
    this.#listen = listen ?? DEFAULT_TRACKER_LISTEN
  }

  proxy(): ProxyStatus | null {
    if (this.#proxy === null) return null
    return { address: this.#proxy.name, problem: this.#proxy.problem }
  }

  get isTrackerOn(): boolean {
    return this.#tracker !== null
  }

  tracker(): EmbeddedTrackerStatus | null {
    const problem = this.#problem
    const wanted = hostPort(this.#listen.host, this.#listen.port)
    if (this.#tracker === null) {
      return problem === null ? null : { ...NOBODY, listening: wanted, problem }
    }
    const status = this.#tracker.status()
    return { ...status, listening: status.listening ?? wanted, problem }
  }

  blocklist(): { readonly source: string; readonly problem: BlocklistProblem | null } | null {
    const source = this.#blocklist?.source ?? null
    return source === null ? null : { source, problem: this.#blocklist?.problem ?? null }
  }

  /** From now on `blocklist` tells of this one. */
  showBlocklist(loader: Pick<BlocklistLoader, 'source' | 'problem'>): void {
    this.#blocklist = loader
  }

  switchTracker(isOn: boolean): Promise<IoProblem | null> {
    const switched = this.#switching.then(() => (isOn ? this.#open() : this.#close()))
    this.#switching = switched
    return switched
  }

  async #open(): Promise<IoProblem | null> {
    if (this.#tracker !== null) return null
    const opened =
      this.#proxy === null
        ? await openTrackerServer({ ...this.#listen, isOpen: true })
        : OFF_BEHIND_PROXY
    this.#problem = isIoProblem(opened) ? opened : null
    this.#tracker = isIoProblem(opened) ? null : opened
    return this.#problem
  }

  async #close(): Promise<null> {
    this.#problem = null
    const tracker = this.#tracker
    this.#tracker = null
    await tracker?.close()
    return null
  }
}

const NOBODY = { urls: [], torrents: 0, peers: 0, announces: 0 } as const
