/** What nodes of earlier versions did not say yet, as it was with them. */

const SESSION = {
  isDhtOn: false,
  isPexOn: false,
  isLsdOn: false,
  isUtpOn: false,
  isWebRtcOn: false,
  encryption: 'off',
  isPortMappingOn: false,
  isAnonymous: false,
  isProxied: false,
  isTrackerOn: false,
} as const

const PEER = { transport: 'tcp', isEncrypted: false } as const

/** Of what is no record, nothing is made. */
export function fillSession(raw: unknown): unknown {
  return isRecord(raw) ? { ...SESSION, ...raw } : raw
}

export function fillPeer(raw: unknown): unknown {
  return isRecord(raw) ? { ...PEER, ...raw } : raw
}

function isRecord(raw: unknown): raw is object {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}
