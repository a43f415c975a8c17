/**
 * The process: its signals, its streams, and how it ends.
 */
import { CommanderError } from 'commander'
import { endWithCrash } from './cli/crash.ts'
import { EXIT } from './cli/exit-codes.ts'
import { buildProgram, exitCodeOfCommander } from './cli/program.ts'

// A rejection that nobody waits for comes here too.
process.on('uncaughtException', endWithCrash)

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The first asks for an orderly end, the second ends at once.
    if (stopping.signal.aborted)
      process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated)
    stopping.abort(signal)
  })
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that went away (`pigeon inspect | head`) is no error; a terminal that went away asks for an orderly end.
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    stopping.abort()
  })
}

const program = await buildProgram(process.argv.slice(2), stopping.signal, (exitCode) => {
  process.exitCode = exitCode
})
try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = exitCodeOfCommander(error)
}
