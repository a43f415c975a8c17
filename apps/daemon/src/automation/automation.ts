/** Everything that pigeond does by itself, from the settings of one moment. */
import { join } from 'node:path'
import type { ControlledSession } from '@pigeon/control/controlled-session'
import type { HttpPort, LogPort } from '@pigeon/engine/ports'
import type { Tallies } from '../metrics/tallies.ts'
import { CompletionHooks } from './completion-hooks.ts'
import { watchCompletions } from './completions.ts'
import { FolderWatch } from './folder-watch.ts'
import { intakeOf, type TorrentIntake } from './intake.ts'
import type { Environment } from './run-program.ts'
import type { AutomationOptions } from './settings.ts'

export interface AutomationParts {
  readonly session: ControlledSession
  readonly http: HttpPort
  readonly log: LogPort
  readonly tallies: Tallies
  readonly env: Environment
  /** Where what was taken from feeds is kept. */
  readonly stateFolder: string
  /** Such as `pigeond 0.1.0`. */
  readonly node: string
}

export function feedMemoryFile(stateFolder: string): string {
  return join(stateFolder, 'feeds.json')
}

type Close = () => Promise<void>

const NOTHING: Close = () => Promise.resolve()

export class Automation {
  readonly #parts: AutomationParts
  readonly #take: TorrentIntake
  /** Of watched folders and feeds, which begin anew with new settings. */
  #closers: Close[] = []
  /** Live on: a program that runs is not ended because settings were read again. */
  #hooks: CompletionHooks | null = null
  #stopWatching: () => void = () => {}

  constructor(parts: AutomationParts) {
    this.#parts = parts
    this.#take = inTurn(intakeOf(parts.session))
  }

  /** Goes on with these settings. What cannot be started is said in the log, and the rest runs. */
  async apply(settings: AutomationOptions): Promise<void> {
    this.#applyHooks(settings)
    await this.#closeAll()
    this.#closers = [
      ...(await Promise.all(
        settings.watch.map((folder) => startWatch(folder, this.#take, this.#parts)),
      )),
      await startFeeds(settings, this.#take, this.#parts),
    ]
  }

  /** Fulfilled when nothing is half done; what takes longer is broken off. */
  async close(): Promise<void> {
    this.#stopWatching()
    await Promise.all([this.#hooks?.close(), this.#closeAll()])
  }

  async #closeAll(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close()))
  }

  /** The list is only looked at when somebody wants to know. */
  #applyHooks(settings: AutomationOptions): void {
    const { session, node, env, log, tallies } = this.#parts
    const isWanted = settings.onCompleteRun.length > 0 || settings.onCompleteWebhook !== ''
    if (this.#hooks !== null) {
      this.#hooks.configure(settings)
    } else if (isWanted) {
      const onResult = (hook: string, result: string): void => tallies.hooks.add({ hook, result })
      const hooks = new CompletionHooks({ settings, node, env, log, onResult })
      this.#hooks = hooks
      this.#stopWatching = watchCompletions(session, (torrent) => hooks.onComplete(torrent))
    }
  }
}

async function startWatch(
  folder: AutomationOptions['watch'][number],
  take: TorrentIntake,
  { log, tallies }: AutomationParts,
): Promise<Close> {
  const onResult = (result: string): void => tallies.watchedFiles.add({ result })
  const watch = new FolderWatch({ folder, take, log, onResult })
  const reason = await watch.start()
  if (reason === null) return () => watch.close()
  log.write('error', 'watch-failed', { folder: folder.path, reason })
  return NOTHING
}

async function startFeeds(
  { feeds }: AutomationOptions,
  take: TorrentIntake,
  { http, log, tallies, stateFolder }: AutomationParts,
): Promise<Close> {
  if (feeds.length === 0) return NOTHING
  // What reads XML is large, and most have no feeds.
  const [{ FeedMemory }, { FeedReader }] = await Promise.all([
    import('./feed-memory.ts'),
    import('./feed-reader.ts'),
  ])
  const reader = new FeedReader({
    ...{ feeds, http, log, take },
    memory: await FeedMemory.load(feedMemoryFile(stateFolder)),
    onLook: (result) => tallies.feedLooks.add({ result }),
    onItem: (result) => tallies.feedItems.add({ result }),
  })
  reader.start()
  return () => reader.close()
}

/** One torrent after the other: a folder full of files does not keep the rest of the program waiting. */
function inTurn(take: TorrentIntake): TorrentIntake {
  let last: Promise<unknown> = Promise.resolve()
  return (source, wishes) => {
    const turn = last.then(() => take(source, wishes))
    last = turn.catch(() => {})
    return turn
  }
}
