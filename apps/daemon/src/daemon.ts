/** The daemon itself: a node and the control API before it, from the first line of the log to the last. */
import { join } from 'node:path'
import { bearerAuthoriser, ensureTokenFile } from '@pigeon/control/bearer-token'
import { type ControlServer, openControlServer } from '@pigeon/control/control-server'
import type { Problem } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { SessionControl } from '@pigeon/control/session-control'
import { createTorrent } from '@pigeon/node/create-torrent'
import { folderLister } from '@pigeon/node/list-folder'
import { openNode, type RunningNode } from '@pigeon/node/open-node'
import type { NodeSettings } from '@pigeon/node/settings'
import { CLIENT, CLIENT_NAME } from './version.ts'
import { type JsonLog, openJsonLog } from './json-log.ts'
import { rootCheck } from './root-folders.ts'
import type { DaemonOptions } from './setting-table.ts'

/** A tracker that does not answer our goodbye is left behind after this. */
export const STOP_MS = 9_000

export type DaemonSettings = NodeSettings & DaemonOptions

export interface Daemon {
  readonly log: JsonLog
  /** Of the control API. */
  readonly url: string
  readonly tokenFile: string
  /** Where peers reach us. */
  readonly listening: string | null
  /** What the user has to know although all is running. */
  readonly notices: readonly Problem[]
  /** Says goodbye and makes everything durable; answers whether that was done in time. */
  stop(reason: string): Promise<boolean>
}

export function tokenFileOf(settings: { readonly state: string }): string {
  return join(settings.state, 'token')
}

/** Starts all parts, or none and says why. `logFile` takes the place of standard output. */
export async function startDaemon(
  settings: DaemonSettings,
  logFile?: string,
): Promise<Daemon | Problem> {
  const log = openJsonLog(settings.logLevel, logFile)
  const node = await openNode({
    client: CLIENT,
    clientName: CLIENT_NAME,
    settings,
    onLog: (level, event, fields) => log.write(level, event, fields),
  })
  if (isProblem(node)) return node
  const started = await startControl(settings, node, log)
  if (isProblem(started)) {
    await node.close()
    return started
  }
  const { control, server, tokenFile } = started
  for (const { code, message, help } of node.notices) {
    log.write('warn', 'notice', { code, message, help })
  }
  const { listening } = node.session.summary()
  log.write('info', 'started', {
    version: CLIENT_NAME,
    control: server.url,
    peers: listening,
    state: settings.state,
    downloads: settings.downloads,
    pid: process.pid,
  })
  return {
    log,
    url: server.url,
    tokenFile,
    listening,
    notices: node.notices,
    stop: async (reason) => {
      log.write('info', 'stopping', { reason })
      const isDone = await inTime(server.close().then(() => control.close()))
      log.write(isDone ? 'info' : 'warn', isDone ? 'stopped' : 'stopped-late', {})
      return isDone
    },
  }
}

interface StartedControl {
  readonly control: SessionControl
  readonly server: ControlServer
  readonly tokenFile: string
}

async function startControl(
  settings: DaemonSettings,
  node: RunningNode,
  log: JsonLog,
): Promise<StartedControl | Problem> {
  const tokenFile = tokenFileOf(settings)
  const token = await ensureTokenFile(tokenFile)
  if (typeof token !== 'string') return token
  const checkPath = rootCheck(settings.controlRoots)
  const control = new SessionControl(node.session, {
    node: CLIENT_NAME,
    createTorrent,
    browse: folderLister(settings.controlRoots, [settings.downloads]),
    ...(checkPath === undefined ? {} : { checkPath }),
    stop: () => node.close(),
  })
  const server = await openControlServer(control, {
    authorise: bearerAuthoriser(token),
    listen: settings.controlListen,
    extraHosts: settings.controlHosts,
    onError: (error) => log.bug('control-failed', error),
  })
  if (isProblem(server)) return server
  return { control, server, tokenFile }
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
