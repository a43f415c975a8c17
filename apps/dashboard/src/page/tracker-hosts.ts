import type { TrackerHost } from '@pigeon/control/network'

const collator = new Intl.Collator('en', { numeric: true })

/** Failing ones first, of these the ones that fail the most; then by how many torrents use them. */
export function sortHosts(hosts: readonly TrackerHost[]): readonly TrackerHost[] {
  return hosts.toSorted(
    (one, other) =>
      other.failing - one.failing ||
      other.torrents - one.torrents ||
      collator.compare(one.host, other.host),
  )
}
