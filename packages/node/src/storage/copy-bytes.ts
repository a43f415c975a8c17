import { disk } from './disk.ts'

/**
 * Copies a run between two open files, up to the end of the first. Zeros are left out, so holes stay holes; the target
 * is made long enough all the same. Throws what the system throws.
 */
export async function copyBytes(
  from: number,
  fromOffset: number,
  to: number,
  toOffset: number,
  lengthBytes: number,
): Promise<void> {
  const step = new Uint8Array(Math.min(STEP_BYTES, Math.max(1, lengthBytes)))
  let doneBytes = 0
  while (doneBytes < lengthBytes) {
    const wanted = Math.min(step.length, lengthBytes - doneBytes)
    const gotBytes = await disk.read(from, step, 0, wanted, fromOffset + doneBytes)
    if (gotBytes === 0) break
    if (!isZero(step, gotBytes)) await writeAll(to, step, gotBytes, toOffset + doneBytes)
    doneBytes += gotBytes
  }
  const endBytes = toOffset + doneBytes
  const stat = await disk.fstat(to)
  if (stat.size < endBytes) await disk.ftruncate(to, endBytes)
}

const STEP_BYTES = 1024 * 1024

async function writeAll(to: number, bytes: Uint8Array, lengthBytes: number, offset: number) {
  let doneBytes = 0
  while (doneBytes < lengthBytes) {
    doneBytes += await disk.write(to, bytes, doneBytes, lengthBytes - doneBytes, offset + doneBytes)
  }
}

function isZero(bytes: Uint8Array, lengthBytes: number): boolean {
  for (let i = 0; i < lengthBytes; i++) if (bytes[i] !== 0) return false
  return true
}
