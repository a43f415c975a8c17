import type { Ports } from '@pigeon/engine/ports'
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import { Session, type SessionChange } from '@pigeon/engine/session'
import { DEFAULT_SETTINGS, type EngineSettings } from '@pigeon/engine/settings'
import { BlocklistLoader } from './blocklist-loader.ts'
import { createClockPort } from './clock.ts'
import { createDigestPort } from './digest.ts'
import { type LogFields, type LogLevel, createLogPort } from './log.ts'
import { OpenReach } from './node-reach.ts'
import { openOutwardPorts } from './outward-ports.ts'
import { createPortMappingPort } from './port-mapping.ts'
import { lockStateFolder } from './process-lock.ts'
import { createRandomPort } from './random.ts'
import { openRecordsThread } from './records-thread.ts'
import type { SettingSource } from './setting-sources.ts'
import type { NodeSettings } from './settings.ts'
import { createSignaturePort } from './signatures.ts'
import { createStoragePort } from './storage/storage.ts'

export interface OpenPortsOptions {
  /** `pigeon`, `pigeond` or `pigeon-web`. */
  readonly client: string
  readonly settings: NodeSettings
  /** Gets every event that is grave enough for `settings.logLevel`. */
  readonly onLog?: (level: LogLevel, event: string, fields: LogFields) => void
}

export interface OpenNodeOptions extends OpenPortsOptions {
  /** Such as `pigeond 0.1.0`: what peers see. */
  readonly clientName: string
  /** Where each setting came from, by its key: what the user's configuration sets wins over what was saved. */
  readonly sources?: Readonly<Record<string, SettingSource>>
}

export interface OpenPorts {
  readonly ports: Ports
  readonly reach: OpenReach
  /** Asked by what does not know the session; that session, once there is one, answers. */
  readonly anonymity: { isOn: () => boolean }
  /** What the user has to know although the ports are open, such as broken records that were put aside. */
  readonly notices: readonly IoProblem[]
  close(): Promise<void>
}

export interface RunningNode extends OpenPorts {
  readonly session: Session
  readonly blocklist: Pick<BlocklistLoader, 'source' | 'problem' | 'update' | 'apply'>
}

/** Locks the state folder, opens the records and makes every port. On a problem nothing stays open. */
export async function openPorts(options: OpenPortsOptions): Promise<OpenPorts | IoProblem> {
  const { settings } = options
  const lock = lockStateFolder(settings.state, options.client)
  if (isIoProblem(lock)) return lock
  const records = await openRecordsThread(settings.state)
  if (isIoProblem(records)) {
    lock.release()
    return records
  }
  const log = createLogPort(settings.logLevel, options.onLog ?? (() => {}))
  const storage = createStoragePort({
    dirtyBytes: settings.dirtyBytes,
    workers: settings.hashWorkers,
    onWorkerCrash: (error) =>
      log.write('error', 'storage-worker-died', { reason: error?.message ?? 'unknown' }),
  })
  const anonymity = { isOn: () => settings.anonymous }
  const { proxy, sources, ...outward } = openOutwardPorts(settings, () => anonymity.isOn())
  const isUnbound = proxy === null && sources.of(4) === null
  const ports: Ports = {
    clock: createClockPort(),
    random: createRandomPort(),
    ...outward,
    // A router of the house is not asked by who stays with one address or interface.
    portMapping: isUnbound ? createPortMappingPort() : null,
    storage,
    records,
    digest: createDigestPort(),
    signatures: createSignaturePort(),
    log,
  }
  const reach = new OpenReach(proxy, settings.tracker)
  const notice = settings.tracker === null ? null : await reach.switchTracker(true)
  return {
    ports,
    anonymity,
    reach,
    notices: [records.setAside, notice].filter((each) => each !== null),
    close: async () => {
      await reach.switchTracker(false)
      await outward.webRtc?.close()
      await storage.shutDown()
      await records.close()
      lock.release()
    },
  }
}

/** A whole node: ports and a running session. `close` stops the session first. On a problem nothing stays open. */
export async function openNode(options: OpenNodeOptions): Promise<RunningNode | IoProblem> {
  const opened = await openPorts(options)
  if (isIoProblem(opened)) return opened
  const session = new Session(opened.ports, engineSettings(options))
  const blocklist = new BlocklistLoader(options.settings, {
    http: opened.ports.http,
    set: (list) => session.setBlocklist(list),
    onProblem: ({ code, message }) =>
      opened.ports.log.write('warn', 'blocklist-not-loaded', { code, message }),
  })
  opened.reach.showBlocklist(blocklist)
  opened.anonymity.isOn = () => session.summary().isAnonymous
  // What is to be blocked is so from the first connection on.
  await blocklist.open()
  const problem = await session.start()
  if (problem !== null) {
    blocklist.close()
    await session.stop()
    await opened.close()
    return problem
  }
  return {
    session,
    ports: opened.ports,
    reach: opened.reach,
    anonymity: opened.anonymity,
    blocklist,
    notices: opened.notices,
    close: async () => {
      blocklist.close()
      await session.stop()
      await opened.close()
    },
  }
}

/** The engine's part of the settings; also for `Session.applySettings` after the configuration was read again. */
export function engineSettings(
  options: Pick<OpenNodeOptions, 'clientName' | 'settings' | 'sources'>,
): EngineSettings {
  const { settings } = options
  return {
    ...DEFAULT_SETTINGS,
    ...reachSettings(settings),
    clientName: options.clientName,
    defaultFolder: settings.downloads,
    downLimit: settings.downLimit,
    upLimit: settings.upLimit,
    maxActive: settings.maxActive,
    maxPeers: settings.maxPeers,
    maxPeersPerTorrent: settings.maxPeersPerTorrent,
    connectionsPerAddress: settings.connectionsPerAddress,
    uploadSlots: settings.uploadSlots,
    minAnnounceMs: settings.minAnnounce,
    ratioGoal: settings.ratioGoal,
    seedMsGoal: settings.seedTimeGoal,
    idleMsGoal: settings.idleGoal,
    isAlternativeOn: false,
    altDownLimit: settings.altDownLimit,
    altUpLimit: settings.altUpLimit,
    altSchedule: settings.altSchedule,
    readCacheBytes: settings.readCache,
    configured: configuredKeys(options.sources ?? {}),
  }
}

/** How peers are found and reached. */
function reachSettings(settings: NodeSettings) {
  const isProxied = settings.proxy !== null
  return {
    listen: isProxied ? null : { host: settings.listenHost, port: settings.listenPort },
    listenPortTries: settings.listenPortTries,
    isDhtOn: settings.dht,
    bootstrapNodes: settings.bootstrapNodes,
    isDhtReadOnly: settings.dhtReadOnly,
    isPexOn: settings.pex,
    isLsdOn: settings.lsd,
    isUtpOn: settings.utp,
    isTcpOn: settings.tcp,
    isWebRtcOn: settings.webrtc,
    encryption: settings.encryption,
    isPortMappingOn: settings.portMapping,
    isAnonymous: settings.anonymous,
    isProxied,
  } satisfies Partial<EngineSettings>
}

/** By the key of a setting: the key under which a session lets it be changed. */
const SESSION_KEYS: { readonly [K in keyof NodeSettings]?: keyof SessionChange } = {
  downloads: 'defaultFolder',
  downLimit: 'downLimit',
  upLimit: 'upLimit',
  maxActive: 'maxActive',
  maxPeers: 'maxPeers',
  maxPeersPerTorrent: 'maxPeersPerTorrent',
  uploadSlots: 'uploadSlots',
  ratioGoal: 'ratioGoal',
  seedTimeGoal: 'seedMsGoal',
  idleGoal: 'idleMsGoal',
  altDownLimit: 'altDownLimit',
  altUpLimit: 'altUpLimit',
  altSchedule: 'altSchedule',
  dht: 'isDhtOn',
  pex: 'isPexOn',
  lsd: 'isLsdOn',
  utp: 'isUtpOn',
  webrtc: 'isWebRtcOn',
  encryption: 'encryption',
  portMapping: 'isPortMappingOn',
  anonymous: 'isAnonymous',
}

function configuredKeys(sources: Readonly<Record<string, SettingSource>>): readonly string[] {
  return Object.entries(SESSION_KEYS).flatMap(([key, sessionKey]) =>
    (sources[key] ?? 'default') === 'default' ? [] : [sessionKey],
  )
}
