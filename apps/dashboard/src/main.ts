#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

// Before anything else is loaded: what was compiled at the last start need not be again. Not in Node's own place, which is
// below /tmp, where another user could have put something before us.
const { XDG_CACHE_HOME: named = '' } = process.env
enableCompileCache(join(isAbsolute(named) ? named : join(homedir(), '.cache'), 'pigeon', 'node'))

const { runProgram } = await import('./program.ts')
process.exitCode = await runProgram(process.argv.slice(2))
// Whatever still holds a handle (a tracker that never answers) must not keep the process.
process.exit()
