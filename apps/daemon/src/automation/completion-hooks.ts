/** What the owner wants to happen when a torrent is complete. */
import type { RawTorrentSummary } from '@pigeon/control/controlled-session'
import type { LogPort } from '@pigeon/engine/ports'
import { HookQueue } from './hook-queue.ts'
import { type Environment, runProgram, torrentEnvironment } from './run-program.ts'
import type { AutomationOptions } from './settings.ts'
import { completionMessage, post } from './webhook.ts'

export type HookResult = 'ok' | 'failed' | 'dropped'

export type HookSettings = Pick<
  AutomationOptions,
  'onCompleteRun' | 'onCompleteWebhook' | 'onCompleteTimeout'
>

export interface CompletionHookOptions {
  readonly settings: HookSettings
  /** Such as `pigeond 0.1.0`. */
  readonly node: string
  readonly env: Environment
  readonly log: LogPort
  readonly onResult: (hook: 'run' | 'webhook', result: HookResult) => void
  readonly retryMs?: readonly number[]
}

export class CompletionHooks {
  readonly #options: CompletionHookOptions
  /** Apart, so that an address that does not answer keeps no program waiting. */
  readonly #queues = { run: new HookQueue(), webhook: new HookQueue() }

  #settings: HookSettings

  constructor(options: CompletionHookOptions) {
    this.#options = options
    this.#settings = options.settings
  }

  onComplete(torrent: RawTorrentSummary): void {
    const settings = this.#settings
    if (settings.onCompleteRun.length > 0) {
      this.#offer('run', torrent, (signal) => this.#run(torrent, settings, signal))
    }
    if (settings.onCompleteWebhook !== '') {
      const url = settings.onCompleteWebhook
      this.#offer('webhook', torrent, (signal) => this.#post(torrent, url, signal))
    }
  }

  /** For what completes from now on; what runs or waits goes on as it was meant. */
  configure(settings: HookSettings): void {
    this.#settings = settings
  }

  /** Breaks off what runs. */
  async close(): Promise<void> {
    await Promise.all([this.#queues.run.close(), this.#queues.webhook.close()])
  }

  #offer(
    hook: 'run' | 'webhook',
    { id }: RawTorrentSummary,
    job: (signal: AbortSignal) => Promise<void>,
  ): void {
    if (this.#queues[hook].offer(job)) return
    this.#options.log.write('warn', 'hook-dropped', { hook, id, reason: 'too many wait' })
    this.#options.onResult(hook, 'dropped')
  }

  async #run(
    torrent: RawTorrentSummary,
    { onCompleteRun: command, onCompleteTimeout }: HookSettings,
    signal: AbortSignal,
  ): Promise<void> {
    const { env, log, onResult } = this.#options
    const variables = torrentEnvironment(torrent, env)
    const end = await runProgram(command, variables, onCompleteTimeout, signal)
    const isOk = end.exitCode === 0
    log.write(isOk ? 'info' : 'warn', isOk ? 'hook-done' : 'hook-failed', {
      hook: 'run',
      id: torrent.id,
      program: command[0] ?? '',
      ...(end.exitCode === null ? {} : { exitCode: end.exitCode }),
      ...(end.reason === null ? {} : { reason: end.reason }),
      output: end.output,
    })
    onResult('run', isOk ? 'ok' : 'failed')
  }

  async #post(torrent: RawTorrentSummary, url: string, signal: AbortSignal): Promise<void> {
    const { node, log, onResult, retryMs } = this.#options
    const reason = await post(
      {
        url,
        body: completionMessage(node, torrent),
        userAgent: node.replace(' ', '/'),
        ...(retryMs === undefined ? {} : { retryMs }),
      },
      signal,
    )
    const about = { hook: 'webhook', id: torrent.id, host: new URL(url).host }
    if (reason === null) log.write('info', 'hook-done', about)
    else log.write('warn', 'hook-failed', { ...about, reason })
    onResult('webhook', reason === null ? 'ok' : 'failed')
  }
}
