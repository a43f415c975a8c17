import { describe, expect, it } from 'vitest'
import type { WireEvent, WireMessage, WireTarget } from './network.ts'
import { FakeControl } from './testing/fake-control.ts'
import { type WireMessageOut, WireWatches, WATCHES_AT_ONCE } from './wire-watches.ts'

const MESSAGE: WireMessage = {
  ...{ number: 0, atMs: 0, direction: 'in', name: 'choke', bep: 3, lengthBytes: 5, fields: [] },
}

/** A control of which nothing but the wire is asked. */
class WiredControl extends FakeControl {
  readonly listeners = new Map<number, (event: WireEvent) => void>()

  override inspect(target: WireTarget, listener: (event: WireEvent) => void): () => void {
    this.listeners.set(target.peer, listener)
    return () => this.listeners.delete(target.peer)
  }

  tell(peer: number, count: number, leftOut = 0): void {
    const messages = Array.from({ length: count }, () => MESSAGE)
    this.listeners.get(peer)?.({ kind: 'messages', messages, leftOut })
  }
}

function watchesOf(isRead: () => boolean) {
  const control = new WiredControl()
  const sent: WireMessageOut[] = []
  const watches = new WireWatches(control, 'full', (message) => {
    if (message.event.kind === 'messages' && !isRead()) return false
    sent.push(message)
    return true
  })
  return { control, sent, watches }
}

const target = (peer: number): WireTarget => ({ torrent: 'a'.repeat(40), peer })

describe('the watches of one client', () => {
  it('tell how many messages were left out while nobody read, and always the end', () => {
    let isRead = false
    const { control, sent, watches } = watchesOf(() => isRead)
    watches.begin(target(1))
    control.tell(1, 200, 3)
    control.tell(1, 100)
    isRead = true
    control.tell(1, 1)
    control.tell(1, 2)
    isRead = false
    control.listeners.get(1)?.({ kind: 'ended', problem: null })
    const told = sent.map(({ event }) =>
      event.kind === 'messages' ? [event.messages.length, event.leftOut] : event.kind,
    )
    expect(told).toEqual([[1, 303], [2, 0], 'ended'])
  })

  it('make room when one ends, by itself or because it is not wanted any more', () => {
    const { control, sent, watches } = watchesOf(() => true)
    for (let peer = 0; peer < WATCHES_AT_ONCE; peer += 1) watches.begin(target(peer))
    watches.begin(target(9))
    expect(sent).toMatchObject([{ peer: 9, event: { kind: 'ended', problem: { code: 'busy' } } }])
    control.listeners.get(0)?.({ kind: 'ended', problem: null })
    watches.begin(target(9))
    watches.end(target(1))
    watches.begin(target(10))
    expect([...control.listeners.keys()]).toEqual([0, 2, 3, 9, 10])
    expect(sent).toHaveLength(2)
    watches.endAll()
    expect([...control.listeners.keys()]).toEqual([0])
  })

  it('begin anew for a peer that is watched already', () => {
    const { control, watches } = watchesOf(() => true)
    for (let time = 0; time < 20; time += 1) watches.begin(target(1))
    expect([...control.listeners.keys()]).toEqual([1])
  })
})
