#!/usr/bin/env node
import { runProgram } from './program.ts'

process.exitCode = await runProgram(process.argv.slice(2))
// Whatever still holds a handle (a tracker that never answers) must not keep the process.
process.exit()
