/**
 * The screen on made-up torrents, as a process of its own: for tests that watch what it does to a terminal, and for
 * looking at it. The first argument says how it fails: `throws` inside a component, `rejects` where nobody waits; or that
 * it `prompts` before the screen opens. The second says how many torrents, the third how many milliseconds are between
 * two changes of all of them.
 */
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { endWithCrash } from '../cli/crash.ts'
import { show } from '../screen/run-screen.ts'

process.on('uncaughtException', endWithCrash)
const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stopping.abort(signal))

const control = new FakeControl({ torrentCount: Number(process.argv[3] ?? 14) })
const HOSTILE = 'broken \u001b[2J\u001b[31m by a peer'
/** The key that sets it off: what asks for details. */
control.detail = (id) => {
  if (process.argv[2] === 'throws') return Promise.resolve(Object.create(null))
  if (process.argv[2] === 'rejects') return Promise.reject(new Error(HOSTILE))
  return FakeControl.prototype.detail.call(control, id)
}
if (process.argv[2] === 'prompts') process.stdout.write('one moment ...')
const timer = setInterval(() => control.step(), Number(process.argv[4] ?? 500))
process.exitCode = await show(control, false, stopping.signal)
clearInterval(timer)
if (process.argv[2] === 'prompts') process.stdout.write('\n')
