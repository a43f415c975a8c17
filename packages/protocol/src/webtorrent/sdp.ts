/**
 * What we look at in another's session description before a WebRTC stack gets it: which addresses it would send us to.
 *
 * Spec: RFC 8839, section 5.1 ("candidate" attribute)
 */
import { addressScope, isCloudMetadataAddress, parseIp } from '../ip-address.ts'

/** Addresses of one description that are kept. */
export const MAX_CANDIDATES = 20

/**
 * The description without candidates that are not numeric UDP addresses, or that nobody may be sent to. A name (browsers
 * give `.local` ones) would have to be looked up; whoever has nothing else is found when it reaches us.
 */
export function sanitizeSdp(sdp: string): string {
  let kept = 0
  const lines = sdp.split(/\r\n|\n|\r/).filter((line) => {
    if (!line.startsWith('a=candidate:')) return true
    if (!isUsable(line)) return false
    kept += 1
    return kept <= MAX_CANDIDATES
  })
  return lines.join('\r\n')
}

/** `a=candidate:<foundation> <component> <transport> <priority> <address> <port> typ ...` */
function isUsable(line: string): boolean {
  const [, , transport = '', , host = '', port = ''] = line.split(' ', 7)
  const address = parseIp(host)
  return (
    address !== null &&
    addressScope(address) !== 'never' &&
    !isCloudMetadataAddress(address) &&
    transport.toLowerCase() === 'udp' &&
    /^[0-9]{1,5}$/.test(port) &&
    Number(port) >= 1 &&
    Number(port) <= 65_535
  )
}
