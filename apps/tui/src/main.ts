#!/usr/bin/env node
/**
 * `pigeon`, the terminal client: a full screen, or one command at a time.
 */
import { CommanderError } from 'commander'
import { EXIT } from './cli/exit-codes.ts'
import { buildProgram, exitCodeOfCommander } from './cli/program.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The first asks for an orderly end, the second ends at once.
    if (stopping.signal.aborted)
      process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated)
    stopping.abort()
  })
}
// A reader that went away (`pigeon inspect | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failure)
})

const program = buildProgram(stopping.signal, (exitCode) => {
  process.exitCode = exitCode
})
try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = exitCodeOfCommander(error.code)
}
