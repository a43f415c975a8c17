import type { PieceBuffer } from '@pigeon/engine/ports'
import { invariant } from '@pigeon/protocol/machine'

/**
 * Shared memory for pieces under way, never more than `limitBytes` in use and kept for reuse together. Only a piece
 * that is longer than the whole pool is given more, and only when nothing else is out. Lengths are rounded up to size
 * classes (four between two powers of two), so at most a fifth of the memory is idle within buffers.
 */
export class PiecePool {
  onRelease: () => void = () => {}
  readonly #limitBytes: number
  /** Idle buffers by size class, the classes used last at the end. */
  readonly #idle = new Map<number, SharedArrayBuffer[]>()
  #usedBytes = 0
  #idleBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Bytes of the buffers that are out, and of those kept for reuse. */
  get heldBytes(): { readonly used: number; readonly idle: number } {
    return { used: this.#usedBytes, idle: this.#idleBytes }
  }

  acquire(lengthBytes: number): PieceBuffer | null {
    invariant(lengthBytes > 0, 'a piece has at least one byte')
    const classBytes = sizeClass(lengthBytes)
    if (this.#usedBytes > 0 && this.#usedBytes + classBytes > this.#limitBytes) return null
    const shared = this.#takeIdle(classBytes) ?? new SharedArrayBuffer(classBytes)
    this.#usedBytes += classBytes
    this.#dropIdle()
    return new Slot(shared, lengthBytes, () => this.#giveBack(shared))
  }

  #takeIdle(classBytes: number): SharedArrayBuffer | undefined {
    const shared = this.#idle.get(classBytes)?.pop()
    if (shared !== undefined) this.#idleBytes -= classBytes
    return shared
  }

  #giveBack(shared: SharedArrayBuffer): void {
    const classBytes = shared.byteLength
    this.#usedBytes -= classBytes
    if (classBytes <= this.#limitBytes) {
      const same = this.#idle.get(classBytes) ?? []
      this.#idle.delete(classBytes)
      this.#idle.set(classBytes, same)
      same.push(shared)
      this.#idleBytes += classBytes
    }
    this.#dropIdle()
    this.onRelease()
  }

  #dropIdle(): void {
    for (const [classBytes, buffers] of this.#idle) {
      while (this.#usedBytes + this.#idleBytes > this.#limitBytes && buffers.length > 0) {
        buffers.pop()
        this.#idleBytes -= classBytes
      }
      if (buffers.length === 0) this.#idle.delete(classBytes)
    }
  }
}

/** The shared memory behind a buffer of the pool; it starts at the buffer's first byte. */
export function sharedMemoryOf(buffer: PieceBuffer): SharedArrayBuffer {
  const memory = buffer.bytes.buffer
  invariant(memory instanceof SharedArrayBuffer, 'a piece buffer comes from acquire()')
  return memory
}

export const MIN_CLASS_BYTES = 16 * 1024

export function sizeClass(lengthBytes: number): number {
  if (lengthBytes <= MIN_CLASS_BYTES) return MIN_CLASS_BYTES
  const octave = 2 ** Math.floor(Math.log2(lengthBytes - 1))
  const step = octave / 4
  return Math.ceil(lengthBytes / step) * step
}

class Slot implements PieceBuffer {
  readonly bytes: Uint8Array
  readonly #giveBack: () => void
  #isReleased = false

  constructor(shared: SharedArrayBuffer, lengthBytes: number, giveBack: () => void) {
    this.bytes = new Uint8Array(shared, 0, lengthBytes)
    this.#giveBack = giveBack
  }

  release(): void {
    invariant(!this.#isReleased, 'a piece buffer is released once')
    this.#isReleased = true
    this.#giveBack()
  }
}
