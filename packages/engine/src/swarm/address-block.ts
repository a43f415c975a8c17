/**
 * The neighbourhood of an address, for bounds that one host with many addresses must not escape: /24 of IPv4, /64 of IPv6.
 */
export function addressBlock(host: string): string {
  const v4 = host.startsWith('::ffff:') ? host.slice('::ffff:'.length) : host
  if (v4.includes('.')) return v4.slice(0, v4.lastIndexOf('.'))
  return expandV6(v4).slice(0, 4).join(':')
}

/** The eight groups of an IPv6 address, leading zeros dropped. */
function expandV6(host: string): readonly string[] {
  const [head = '', tail] = host.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].map((group) =>
    group.replace(/^0+(?=.)/, ''),
  )
}
