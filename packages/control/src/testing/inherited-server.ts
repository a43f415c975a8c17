/** Serves a made-up control on file descriptor 3, as a program that systemd started would. Says where, then waits. */
import { openControlServer } from '../control-server.ts'
import { isProblem } from '../problems.ts'
import { FakeControl } from './fake-control.ts'

const server = await openControlServer(new FakeControl(), {
  authorise: () => null,
  listen: { fd: 3 },
})
process.stdout.write(`${isProblem(server) ? server.message : server.url}\n`)
process.stdin.resume().on('end', () => process.exit())
