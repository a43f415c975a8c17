/**
 * What a session shows of itself. Texts are raw. Sizes are bytes, rates bytes a second, times milliseconds.
 */
import type { IoProblem } from '../problem.ts'
import type { EncryptionPolicy, EngineSettings } from '../settings.ts'
import type { Category } from './categories.ts'
import type { Schedule } from '../schedule.ts'

export interface AlternativeLimits {
  readonly isOn: boolean
  readonly down: number | null
  readonly up: number | null
  readonly schedule: Schedule | null
}

/** What comes from the settings as they count now. */
export interface SettingsSummary {
  readonly defaultFolder: string
  readonly downLimit: number | null
  readonly upLimit: number | null
  readonly maxActive: number
  readonly maxPeers: number
  readonly maxPeersPerTorrent: number
  readonly uploadSlots: number
  readonly ratioGoal: number | null
  readonly seedMsGoal: number | null
  readonly idleMsGoal: number | null
  readonly alternative: AlternativeLimits
  readonly isDhtOn: boolean
  readonly isPexOn: boolean
  readonly isLsdOn: boolean
  readonly isUtpOn: boolean
  readonly isWebRtcOn: boolean
  readonly encryption: EncryptionPolicy
  readonly isPortMappingOn: boolean
  readonly isAnonymous: boolean
  readonly isProxied: boolean
  readonly configured: readonly string[]
}

export interface SessionSummary extends SettingsSummary {
  readonly peerId: string
  readonly listening: string | null
  readonly problem: IoProblem | null
  readonly downRate: number
  readonly upRate: number
  readonly freeBytes: number | null
  readonly startedAtMs: number
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  readonly allDownloadedBytes: number
  readonly allUploadedBytes: number
  readonly peersConnected: number
  readonly categories: readonly Category[]
}

export function settingsSummary(settings: EngineSettings): SettingsSummary {
  return {
    defaultFolder: settings.defaultFolder,
    downLimit: settings.downLimit,
    upLimit: settings.upLimit,
    maxActive: settings.maxActive,
    maxPeers: settings.maxPeers,
    maxPeersPerTorrent: settings.maxPeersPerTorrent,
    uploadSlots: settings.uploadSlots,
    ratioGoal: settings.ratioGoal,
    seedMsGoal: settings.seedMsGoal,
    idleMsGoal: settings.idleMsGoal,
    alternative: {
      isOn: settings.isAlternativeOn,
      down: settings.altDownLimit,
      up: settings.altUpLimit,
      schedule: settings.altSchedule,
    },
    isDhtOn: settings.isDhtOn,
    isPexOn: settings.isPexOn,
    isLsdOn: settings.isLsdOn,
    isUtpOn: settings.isUtpOn,
    isWebRtcOn: settings.isWebRtcOn,
    encryption: settings.encryption,
    isPortMappingOn: settings.isPortMappingOn,
    isAnonymous: settings.isAnonymous,
    isProxied: settings.isProxied,
    configured: settings.configured,
  }
}
