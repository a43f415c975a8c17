/**
 * The two spellings of every key. Inside, all keys are as JSON-RPC 2.0 has them (snake_case); the legacy dialect mixes
 * camelCase and kebab-case, and the same thing can be spelled differently in two places (`downloadDir`, `download-dir`).
 * Spec: <https://github.com/transmission/transmission/blob/main/docs/rpc-spec.md>
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }

/** From snake_case to legacy; what is not in it is spelled alike. */
export type KeyTable = ReadonlyMap<string, string>

/**
 * Of what lies within a torrent, and of what adding answers. The fields of a torrent themselves are not here: they are
 * answered under the spelling in which they were asked.
 */
export const TORRENT_KEYS: KeyTable = table([
  // Files.
  ...['beginPiece', 'bytesCompleted', 'endPiece'],
  // Peers.
  ...['clientIsChoked', 'clientIsInterested', 'clientName', 'flagStr', 'isDownloadingFrom'],
  ...['isEncrypted', 'isIncoming', 'isUploadingTo', 'isUTP', 'peerIsChoked', 'peerIsInterested'],
  ...['rateToClient', 'rateToPeer', 'fromCache', 'fromDht', 'fromIncoming', 'fromLpd', 'fromLtep'],
  ...['fromPex', 'fromTracker'],
  // Trackers.
  ...['announceState', 'downloadCount', 'hasAnnounced', 'hasScraped', 'isBackup'],
  ...['lastAnnouncePeerCount', 'lastAnnounceResult', 'lastAnnounceStartTime'],
  ...['lastAnnounceSucceeded', 'lastAnnounceTime', 'lastAnnounceTimedOut', 'lastScrapeResult'],
  ...['lastScrapeStartTime', 'lastScrapeSucceeded', 'lastScrapeTime', 'lastScrapeTimedOut'],
  ...['leecherCount', 'nextAnnounceTime', 'nextScrapeTime', 'scrapeState', 'seederCount'],
  // What adding answers.
  ...['torrent-added', 'torrent-duplicate', 'hashString'],
])

/** Of the session, its statistics, groups, and everything else. */
export const SESSION_KEYS: KeyTable = table([
  ...['alt-speed-down', 'alt-speed-enabled', 'alt-speed-time-begin', 'alt-speed-time-day'],
  ...['alt-speed-time-enabled', 'alt-speed-time-end', 'alt-speed-up', 'blocklist-enabled'],
  ...['blocklist-size', 'blocklist-url', 'cache-size-mb', 'config-dir', 'default-trackers'],
  ...['dht-enabled', 'download-dir', 'download-dir-free-space', 'download-queue-enabled'],
  ...['download-queue-size', 'idle-seeding-limit', 'idle-seeding-limit-enabled', 'incomplete-dir'],
  ...['incomplete-dir-enabled', 'lpd-enabled', 'peer-limit-global', 'peer-limit-per-torrent'],
  ...['peer-port', 'peer-port-random-on-start', 'pex-enabled', 'port-forwarding-enabled'],
  ...['queue-stalled-enabled', 'queue-stalled-minutes', 'rename-partial-files', 'rpc-version'],
  ...['rpc-version-minimum', 'rpc-version-semver', 'script-torrent-added-enabled'],
  ...['script-torrent-added-filename', 'script-torrent-done-enabled'],
  ...['script-torrent-done-filename', 'script-torrent-done-seeding-enabled'],
  ...['script-torrent-done-seeding-filename', 'seed-queue-enabled', 'seed-queue-size'],
  ...['seedRatioLimit', 'seedRatioLimited', 'session-id', 'speed-limit-down'],
  ...['speed-limit-down-enabled', 'speed-limit-up', 'speed-limit-up-enabled'],
  ...['start-added-torrents', 'trash-original-torrent-files', 'utp-enabled'],
  ...['memory-bytes', 'memory-units', 'size-bytes', 'size-units', 'speed-bytes', 'speed-units'],
  ...['activeTorrentCount', 'downloadSpeed', 'pausedTorrentCount', 'torrentCount', 'uploadSpeed'],
  ...['cumulative-stats', 'current-stats', 'downloadedBytes', 'filesAdded', 'secondsActive'],
  ...['sessionCount', 'uploadedBytes', 'honorsSessionLimits', 'port-is-open'],
])

/** Any of the three spellings as snake_case. */
export function toSnake(key: string): string {
  return key.replace(/[A-Z]+/g, (capitals) => `_${capitals.toLowerCase()}`).replaceAll('-', '_')
}

/** An answer of ours with legacy keys, all the way down. */
export function toLegacy(value: Json, keys: KeyTable): Json {
  if (isList(value)) return value.map((each) => toLegacy(each, keys))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [keys.get(key) ?? key, toLegacy(each, keys)]),
  )
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function table(legacy: readonly string[]): KeyTable {
  return new Map(legacy.map((key) => [toSnake(key), key]))
}
