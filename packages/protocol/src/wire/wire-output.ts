/**
 * What one input leads to: effects in order, all that we say in one write, and what becomes of the remote's faults.
 * The rooms of `PeerWire` share one of these and speak to the outside through nothing else.
 */
import type { PeerFault, PeerFaultCode } from '../fault.ts'
import { FaultTally } from '../fault-reactions.ts'
import { invariant } from '../machine.ts'
import { encodeBlockMessages, encodeMessage } from './frame.ts'
import type { BlockRef, PeerMessage } from './messages.ts'
import type { PeerWireEffect } from './peer-wire-contract.ts'
import type { WriteWatcher } from './wire-tap.ts'

export class WireOutput {
  readonly #faults = new FaultTally()
  #effects: PeerWireEffect[] = []
  #writes: Uint8Array[] = []
  #rejects: BlockRef[] = []
  #maySpeak = false
  #isClosed = false
  /** Sees what is written, while somebody watches. */
  watcher: WriteWatcher | null = null

  /** Whether a fault or silence ended the connection: nothing may be told or said any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether both handshakes allow messages of ours. */
  get maySpeak(): boolean {
    return this.#maySpeak
  }

  allowMessages(): void {
    this.#maySpeak = true
  }

  checkMaySpeak(): void {
    invariant(this.#maySpeak, 'messages are sent after both handshakes')
  }

  tell(effect: PeerWireEffect): void {
    this.#effects.push(effect)
  }

  /** Says one message. */
  send(message: PeerMessage): void {
    this.checkMaySpeak()
    this.write(encodeMessage(message))
  }

  /** Says what is bytes already: handshakes, keep-alives and frames. */
  write(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.#writes.push(chunk)
  }

  /** Rejects a request; goes out behind all else that the same input makes us say. */
  reject(block: BlockRef): void {
    this.#rejects.push(block)
  }

  /** Tells a fault, and closes where the table of reactions says so. */
  fault(code: PeerFaultCode, detail: string): void {
    const reaction = this.#faults.count(code)
    const fault = { code, detail }
    if (reaction === 'ignore') this.tell({ kind: 'fault', fault, reaction })
    else this.close({ kind: 'fault', fault, reaction })
  }

  /** Closes for a fault that no connection survives. */
  refuse(fault: PeerFault): void {
    this.close({ kind: 'fault', fault, reaction: 'close' })
  }

  /** Says what was left to say, tells this last effect and closes for good. */
  close(last: PeerWireEffect): void {
    this.flush()
    this.tell(last)
    this.#isClosed = true
  }

  /** All that one input made us say goes out in one write; `false` when that was nothing. */
  flush(): boolean {
    if (this.#rejects.length > 0) {
      this.#writes.push(encodeBlockMessages('reject-request', this.#rejects))
      this.#rejects = []
    }
    if (this.#writes.length === 0) return false
    this.watcher?.see(this.#writes)
    this.tell({ kind: 'write', chunks: this.#writes })
    this.#writes = []
    return true
  }

  /** Hands out the effects, which from then on belong to the caller. */
  take(): readonly PeerWireEffect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }
}
