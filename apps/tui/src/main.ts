#!/usr/bin/env node
/**
 * `pigeon`, the terminal client: a full screen, or one command at a time. What is compiled is kept for the next start;
 * that has to be asked for before anything is loaded.
 */
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const { XDG_CACHE_HOME: cacheHome = '' } = process.env
// Not in the folder for temporary files, which is Node's choice: other users can write there.
enableCompileCache(
  join(isAbsolute(cacheHome) ? cacheHome : join(homedir(), '.cache'), 'pigeon', 'compiled'),
)
await import('./start.ts')
