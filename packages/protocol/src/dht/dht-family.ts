/** One of the two DHTs that a node takes part in: its id and table there, who sees us how, and what went through. */
import type { NodeFamily } from '../bep/0032-nodes.ts'
import { isVerifiedNodeId } from '../bep/0042-node-id.ts'
import { formatIp } from '../ip-address.ts'
import type { Millis } from '../machine.ts'
import { AddressVotes } from './address-votes.ts'
import type { DhtFamilyStatus } from './dht-messages.ts'
import { RoutingTable } from './routing-table.ts'

export class DhtFamily {
  readonly family: NodeFamily
  readonly table: RoutingTable
  readonly votes: AddressVotes = new AddressVotes()
  externalIp: Uint8Array | null = null
  /** Since when that is believed. */
  addressMs: Millis = 0
  isBootstrapping = false
  /** Whether we looked for our neighbours since our id is what it is. */
  isSettled = false
  /** When to look for nodes again; soon at first, then more and more seldom. */
  nextBootstrapMs: Millis
  bootstrapWaitMs: Millis = FIRST_BOOTSTRAP_WAIT_MS
  queriesIn = 0
  queriesOut = 0
  refusedIn = 0
  bytesIn = 0
  bytesOut = 0

  constructor(family: NodeFamily, id: Uint8Array, nowMs: Millis) {
    this.family = family
    this.table = new RoutingTable(id, nowMs)
    this.nextBootstrapMs = nowMs
  }

  /** Waits longer each time, and less when something changed. */
  scheduleBootstrap(nowMs: Millis, isSoon: boolean): void {
    this.bootstrapWaitMs = isSoon
      ? FIRST_BOOTSTRAP_WAIT_MS
      : Math.min(this.bootstrapWaitMs * 2, LAST_BOOTSTRAP_WAIT_MS)
    this.nextBootstrapMs = nowMs + (isSoon ? 0 : this.bootstrapWaitMs)
    if (isSoon) this.isSettled = false
  }

  status(nowMs: Millis): Omit<DhtFamilyStatus, 'storedHashes' | 'storedPeers' | 'storedItems'> {
    const nodes = this.table.goodCount(nowMs)
    return {
      family: this.family,
      state: nodes > 0 ? 'ready' : this.isBootstrapping ? 'bootstrapping' : 'lonely',
      nodeId: this.table.own,
      isVerified: this.externalIp !== null && isVerifiedNodeId(this.table.own, this.externalIp),
      externalHost: this.externalIp === null ? null : formatIp(this.externalIp),
      nodes,
      queriesIn: this.queriesIn,
      queriesOut: this.queriesOut,
      refusedIn: this.refusedIn,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
    }
  }
}

const FIRST_BOOTSTRAP_WAIT_MS: Millis = 1_000
const LAST_BOOTSTRAP_WAIT_MS: Millis = 10 * 60_000
