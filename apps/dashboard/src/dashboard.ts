/** The dashboard itself: a node of its own, or another client's, and the page before it. */
import { fileURLToPath } from 'node:url'
import type { Problem } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import { SessionControl } from '@pigeon/control/session-control'
import { createTorrent } from '@pigeon/node/create-torrent'
import { folderLister } from '@pigeon/node/list-folder'
import type { LogFields, LogLevel } from '@pigeon/node/log'
import { openNode } from '@pigeon/node/open-node'
import type { SettingSource } from '@pigeon/node/setting-sources'
import type { NodeSettings } from '@pigeon/node/settings'
import { OWN_KEY, OWN_NAME, remoteNodes } from './remote-nodes.ts'
import { type Asset, readPageAssets } from './server/page-assets.ts'
import type { ServedNode } from './server/served-node.ts'
import { openWebServer, type WebServer } from './server/web-server.ts'
import type { ListenAddress, WebOptions } from './setting-table.ts'
import { CLIENT, CLIENT_NAME } from './version.ts'

/** A tracker that does not answer our goodbye is left behind after this. */
export const STOP_MS = 9_000

export interface DashboardOptions {
  readonly settings: NodeSettings & WebOptions
  /** Where each setting came from; what came from nowhere may be changed on the page for good. */
  readonly sources?: Readonly<Record<string, SettingSource>>
  readonly onLog: (level: LogLevel, event: string, fields: LogFields) => void
  /** Told of what should never happen. */
  readonly onError: (error: unknown) => void
}

export interface Dashboard {
  readonly nodes: readonly ServedNode[]
  /** What the user has to know although all is running. */
  readonly notices: readonly Problem[]
  /** Where peers reach the own node; `null` where nothing listens, or with another client's node. */
  readonly listening: string | null
  readonly server: WebServer
  /** Says goodbye and makes everything durable; answers whether that was done in time. */
  stop(): Promise<boolean>
}

const PAGE_FOLDER = fileURLToPath(new URL('../dist/page', import.meta.url))

/** Starts all parts, or none and says why. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard | Problem> {
  const { settings, onError } = options
  const assets = readAssets(settings.basePath)
  if (assets === null)
    return problem('no-page', `There is no page in ${PAGE_FOLDER}.`, 'Build it: npm run build.')
  const shown = await openNodes(options)
  if (isProblem(shown)) return shown
  const closeNodes = async (): Promise<void> => {
    await Promise.all(shown.nodes.map(({ control }) => control.close()))
  }
  const server = await serve(settings.webListen, {
    nodes: shown.nodes,
    assets,
    origins: settings.webOrigins,
    basePath: settings.basePath,
    onError,
  })
  if (isProblem(server)) {
    await closeNodes()
    return server
  }
  return {
    nodes: shown.nodes,
    notices: shown.notices,
    listening: shown.listening,
    server,
    stop: () => inTime(server.close().then(closeNodes)),
  }
}

interface ShownNodes {
  readonly nodes: readonly [ServedNode, ...ServedNode[]]
  readonly notices: readonly Problem[]
  readonly listening: string | null
}

/** Its own node first, where it runs one, then those of others. */
async function openNodes(options: DashboardOptions): Promise<ShownNodes | Problem> {
  const { settings } = options
  const others = await remoteNodes(settings)
  if (isProblem(others)) return others
  const [first, ...rest] = others
  if (first !== undefined && !settings.ownNode)
    return { nodes: [first, ...rest], notices: [], listening: null }
  const own = await openOwnNode(options)
  if (isProblem(own)) {
    await Promise.all(others.map(({ control }) => control.close()))
    return own
  }
  return { ...own, nodes: [...own.nodes, ...others] }
}

async function openOwnNode(options: DashboardOptions): Promise<ShownNodes | Problem> {
  const { settings, sources, onLog } = options
  const node = await openNode({
    client: CLIENT,
    clientName: CLIENT_NAME,
    settings,
    ...(sources === undefined ? {} : { sources }),
    onLog,
  })
  if (isProblem(node)) return node
  const control = new SessionControl(node.session, {
    node: CLIENT_NAME,
    createTorrent,
    reach: node.reach,
    browse: folderLister([], [settings.downloads]),
    stop: () => node.close(),
  })
  return {
    nodes: [{ key: OWN_KEY, name: OWN_NAME, control, problem: () => null }],
    notices: node.notices,
    listening: node.session.summary().listening,
  }
}

function readAssets(base: string): ReadonlyMap<string, Asset> | null {
  try {
    const assets = readPageAssets(PAGE_FOLDER, base)
    return assets.has('/index.html') ? assets : null
  } catch {
    // There is no such folder, which means the same.
    return null
  }
}

async function serve(
  listen: ListenAddress,
  options: Omit<Parameters<typeof openWebServer>[0], 'host' | 'port'>,
): Promise<WebServer | Problem> {
  try {
    return await openWebServer({ ...options, ...listen })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed'
    return listenProblem(`${listen.host}:${listen.port}`, code)
  }
}

function listenProblem(address: string, code: string): Problem {
  if (code === 'EADDRINUSE')
    return problem(
      'address-in-use',
      `Another program listens at ${address} already.`,
      'If it is pigeon-web, use that one; else choose another port with --web-listen (port 0 takes any that is free).',
    )
  if (code === 'EACCES')
    return problem(
      'address-unavailable',
      `This user may not listen at ${address}.`,
      'Choose a port from 1024 on with --web-listen.',
    )
  return problem(
    'address-unavailable',
    `It is not possible to listen at ${address} (${code}).`,
    'Choose an address of this machine with --web-listen.',
  )
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
