/** Waits until a node that has just started knows others of the DHT: before, nobody is there to be asked. */
import type { Problem } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import type { Around } from './around.ts'

/** The longest wait. */
const WAIT_MS = 20_000
const LOOK_MS = 200

/** Answers why nobody can be asked. */
export async function bootstrapped(around: Around): Promise<Problem | null> {
  let hasSaid = false
  for (let waitedMs = 0; waitedMs < WAIT_MS && !around.signal.aborted; waitedMs += LOOK_MS) {
    const status = await around.control.network()
    // What it does not tell, asking will.
    if (isProblem(status) || status.dht.length === 0) return null
    if (status.dht.some(({ state }) => state === 'ready')) return null
    if (status.dht.every(({ state }) => state === 'lonely')) return ALONE
    if (!hasSaid) around.note('Looking for nodes of the DHT.')
    hasSaid = true
    await pause(around.signal)
  }
  return around.signal.aborted ? BROKEN_OFF : ALONE
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, LOOK_MS)
    signal.addEventListener('abort', end, { once: true })
  })
}

const ALONE = problem(
  'dht-alone',
  'No node of the DHT answers.',
  'Look at the network of this machine, or name a node that is there with --bootstrap HOST:PORT.',
)
const BROKEN_OFF = problem('cancelled', 'It was broken off.', '')
