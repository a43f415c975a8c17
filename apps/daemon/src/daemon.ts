/** The daemon itself: a node and the control API before it, from the first line of the log to the last. */
import type { Problem, Scope } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { SessionControl } from '@pigeon/control/session-control'
import { createTorrent } from '@pigeon/node/create-torrent'
import { folderLister } from '@pigeon/node/list-folder'
import { engineSettings, openNode, type RunningNode } from '@pigeon/node/open-node'
import type { SettingSource } from '@pigeon/node/setting-sources'
import type { NodeSettings } from '@pigeon/node/settings'
import type { Environment } from '@pigeon/node/xdg'
import { Automation } from './automation/automation.ts'
import { remoteApiRoutes } from './compat/remote-apis.ts'
import { type JsonLog, openJsonLog } from './json-log.ts'
import { type MetricsParts, openMetrics } from './metrics/metrics.ts'
import { Tallies } from './metrics/tallies.ts'
import { rootCheck } from './root-folders.ts'
import { type Access, openAccess } from './service/access.ts'
import { type ControlListeners, openControlListeners } from './service/control-listeners.ts'
import { liveSettings, namesOf, settingChanges } from './service/setting-changes.ts'
import { statistics, statusLine } from './service/statistics.ts'
import type { DaemonOptions } from './setting-table.ts'
import { CLIENT, CLIENT_NAME } from './version.ts'

/** A tracker that does not answer our goodbye is left behind after this. */
export const STOP_MS = 9_000

export type DaemonSettings = NodeSettings & DaemonOptions

/** By the key of a setting. */
export type SettingSources = Readonly<Record<string, SettingSource>>

export interface DaemonStart {
  /** Where each setting came from; what came from nowhere may be changed through the API for good. */
  readonly sources?: SettingSources
  /** Takes the place of standard output. */
  readonly logFile?: string
  /** What programs that the daemon starts may have of its environment; nothing when absent. */
  readonly env?: Environment
  /** A socket that listens already takes the place of `control-listen`. */
  readonly descriptor?: number | null
  /** Called when somebody with the full scope asks for the end; such wishes are refused when absent. */
  readonly shutDown?: () => void
}

export interface Daemon {
  readonly log: JsonLog
  /** Of the control API. */
  readonly url: string
  readonly tokenFile: string
  /** Where peers reach us. */
  readonly listening: string | null
  /** What the user has to know although all is running. */
  readonly notices: readonly Problem[]
  /** Takes new settings as far as that is possible now; says in the log what changed and what needs a restart. */
  reload(settings: DaemonSettings, sources: SettingSources): Promise<void>
  /** Said in the log instead of a reload; all stays as it is. */
  refuseReload(reasons: readonly string[]): void
  /** Writes numbers into the log. */
  report(): void
  /** Such as `3 torrents, 12 peers, down 1.2 MiB/s, up 40 KiB/s`. */
  status(): string
  /** Says goodbye and makes everything durable; answers whether that was done in time. */
  stop(reason: string): Promise<boolean>
}

/** Starts all parts, or none and says why. */
export async function startDaemon(
  settings: DaemonSettings,
  start: DaemonStart = {},
): Promise<Daemon | Problem> {
  const tallies = new Tallies()
  const log = openJsonLog(settings.logLevel, start.logFile, (level) =>
    tallies.logEvents.add({ level }),
  )
  const node = await openNode({
    client: CLIENT,
    clientName: CLIENT_NAME,
    // The log itself leaves out what is not grave enough, for that can change.
    settings: { ...settings, logLevel: 'debug' },
    ...(start.sources === undefined ? {} : { sources: start.sources }),
    onLog: (level, event, fields) => log.write(level, event, fields),
  })
  if (isProblem(node)) return node
  const { env = {}, shutDown } = start
  const parts = { settings, node, log, tallies, env }
  const running = new RunningDaemon(shutDown === undefined ? parts : { ...parts, shutDown })
  const problem = await running.open(start.descriptor ?? null)
  if (problem === null) return running
  await node.close()
  return problem
}

interface DaemonParts {
  readonly settings: DaemonSettings
  readonly node: RunningNode
  readonly log: JsonLog
  readonly tallies: Tallies
  readonly env: Environment
  readonly shutDown?: () => void
}

class RunningDaemon implements Daemon {
  readonly log: JsonLog
  readonly #node: RunningNode
  readonly #tallies: Tallies
  readonly #env: Environment
  readonly #control: SessionControl
  readonly #automation: Automation
  #settings: DaemonSettings
  #access: Access | null = null
  #listeners: ControlListeners | null = null
  #metrics: MetricsParts | null = null
  /** Reloads come one after the other, and none after the end. */
  #reloading: Promise<void> = Promise.resolve()
  #isStopping = false

  constructor({ settings, node, log, tallies, env, shutDown }: DaemonParts) {
    this.log = log
    this.#settings = settings
    this.#node = node
    this.#tallies = tallies
    this.#env = env
    this.#control = new SessionControl(node.session, {
      node: CLIENT_NAME,
      createTorrent,
      reach: node.reach,
      // All may be set anew while it runs.
      checkPath: async (path, _, { scope }) =>
        (await rootCheck(this.#rootsFor(scope))?.(path)) ?? null,
      browse: (path, { scope }) =>
        folderLister(this.#rootsFor(scope), [this.#settings.downloads])(path),
      stop: () => node.close(),
      ...(shutDown === undefined ? {} : { shutDown }),
    })
    this.#automation = new Automation({
      ...{ log, tallies, env, session: node.session, http: node.ports.http },
      stateFolder: settings.state,
      node: CLIENT_NAME,
    })
  }

  /** Where no roots were named, a lesser token is kept to the folders into which torrents go anyway. */
  #rootsFor(scope: Scope): readonly string[] {
    const { controlRoots } = this.#settings
    if (scope === 'full' || controlRoots.length > 0) return controlRoots
    const { defaultFolder, categories } = this.#node.session.summary()
    return [defaultFolder, ...categories.flatMap(({ folder }) => folder ?? [])]
  }

  get url(): string {
    return this.#listeners?.url ?? ''
  }

  get tokenFile(): string {
    return this.#access?.tokenFile ?? ''
  }

  get listening(): string | null {
    return this.#node.session.summary().listening
  }

  get notices(): readonly Problem[] {
    return this.#node.notices
  }

  /** Opens what others see of it. On a problem nothing but the node stays open. */
  async open(descriptor: number | null): Promise<Problem | null> {
    const settings = this.#settings
    const access = await openAccess(settings, ({ code, message, help }) =>
      this.log.write('error', 'tokens-unreadable', { code, message, help }),
    )
    if (isProblem(access)) return access
    this.#access = access
    const remoteApis = await remoteApiRoutes(settings, {
      control: this.#control,
      access,
      updateBlocklist: () => this.#node.blocklist.update(),
      onError: (error) => this.log.bug('remote-api-failed', error),
    })
    if (isProblem(remoteApis)) return remoteApis
    const metrics = await openMetrics({
      ...{ settings, access, tallies: this.#tallies },
      ...{ session: this.#node.session, reach: this.#node.reach },
      onError: (error) => this.log.bug('metrics-failed', error),
    })
    if (isProblem(metrics)) return metrics
    this.#metrics = metrics
    const listeners = await openControlListeners(this.#control, {
      ...{ settings, descriptor, env: this.#env },
      authorise: (request) => access.authorise(request),
      routes: (isTrusted) => [...metrics.routes(isTrusted), ...remoteApis],
      onError: (error) => this.log.bug('control-failed', error),
    })
    if (isProblem(listeners)) {
      await metrics.close()
      return listeners
    }
    this.#listeners = listeners
    this.#sayStarted()
    await this.#automation.apply(settings)
    return null
  }

  #sayStarted(): void {
    for (const { code, message, help } of this.notices) {
      this.log.write('warn', 'notice', { code, message, help })
    }
    const metrics = this.#metrics?.url
    const controlSocket = this.#listeners?.socketPath
    this.log.write('info', 'started', {
      version: CLIENT_NAME,
      control: this.url,
      tokenFile: this.tokenFile,
      ...(controlSocket ? { controlSocket } : {}),
      ...(metrics ? { metrics } : {}),
      peers: this.listening,
      state: this.#settings.state,
      downloads: this.#settings.downloads,
      pid: process.pid,
    })
    if (this.#access?.isNew) {
      this.log.write('info', 'first-start', {
        help: `Programs control this node at ${this.url} with the token in ${this.tokenFile}: "pigeond token --show" prints it, "pigeond token create" makes others.`,
      })
    }
  }

  reload(settings: DaemonSettings, sources: SettingSources): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#apply(settings, sources))
    return this.#reloading
  }

  async #apply(settings: DaemonSettings, sources: SettingSources): Promise<void> {
    if (this.#isStopping) return
    const { live, needRestart } = settingChanges(this.#settings, settings)
    this.#settings = liveSettings(this.#settings, settings)
    const forEngine = { clientName: CLIENT_NAME, settings: this.#settings, sources }
    this.#node.session.applySettings(engineSettings(forEngine))
    await this.#node.blocklist.apply(this.#settings)
    this.log.setLevel(this.#settings.logLevel)
    this.#metrics?.setTorrents(this.#settings.metricsTorrents)
    // Also without a change: files of a watched folder that failed get another chance.
    await this.#automation.apply(this.#settings)
    this.#tallies.reloads.add({ result: 'ok' })
    this.log.write('info', 'reloaded', { changed: namesOf(live) })
    if (needRestart.length === 0) return
    this.log.write('warn', 'restart-needed', { settings: namesOf(needRestart) })
  }

  refuseReload(reasons: readonly string[]): void {
    this.#tallies.reloads.add({ result: 'failed' })
    for (const reason of reasons) this.log.write('error', 'reload-refused', { reason })
  }

  report(): void {
    this.log.write('info', 'statistics', statistics(this.#node.session))
  }

  status(): string {
    return statusLine(this.#node.session)
  }

  async stop(reason: string): Promise<boolean> {
    this.#isStopping = true
    this.log.write('info', 'stopping', { reason })
    const isDone = await inTime(this.#close())
    this.log.write(isDone ? 'info' : 'warn', isDone ? 'stopped' : 'stopped-late', {})
    return isDone
  }

  async #close(): Promise<void> {
    await this.#reloading
    await Promise.all([this.#automation.close(), this.#metrics?.close(), this.#listeners?.close()])
    await this.#control.close()
  }
}

async function inTime(work: Promise<void>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), STOP_MS)
  })
  const isDone = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return isDone
}
