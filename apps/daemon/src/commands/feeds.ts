/** `pigeond feeds check`: what the rules would take now. Nothing is added and nothing remembered. */
import { outwardHttp } from '@pigeon/node/outward-ports'
import { toDisplay } from '@pigeon/protocol/display'
import { feedMemoryFile } from '../automation/automation.ts'
import { lookAtFeed } from '../automation/feed-look.ts'
import { FeedMemory } from '../automation/feed-memory.ts'
import { hostOf } from '../automation/feed-reader.ts'
import { toToml } from '../automation/settings.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Flags, loadOrSay, say, type Surroundings } from './context.ts'

/** Exits 1 when a feed cannot be read. */
export async function checkFeeds(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return loaded
  const { feeds, state } = loaded.settings
  if (feeds.length === 0) say(around, 'The configuration file names no feeds.')
  const memory = await FeedMemory.load(feedMemoryFile(state))
  const http = outwardHttp(loaded.settings)
  let exitCode: ExitCode = EXIT.ok
  for (const feed of feeds) {
    const look = await lookAtFeed(feed, http, memory, false)
    if (look.kind !== 'read') {
      say(around, `${hostOf(feed.url)}: ${look.kind === 'failed' ? look.reason : 'unchanged'}`)
      exitCode = EXIT.failure
      continue
    }
    const { itemCount, picks } = look
    say(around, `${hostOf(feed.url)}: ${itemCount} items, ${picks.length} to take`)
    for (const { item, rule } of picks) {
      const from = item.link.startsWith('magnet:') ? 'magnet' : hostOf(item.link)
      say(around, `  ${toDisplay(item.title)} (${toDisplay(from)}; ${toDisplay(toToml(rule))})`)
    }
  }
  return exitCode
}
