import { describe, expect, test } from 'vitest'
import type { TrackerStatus } from '../announce/tracker-state.ts'
import { networkTotals, TRACKER_HOSTS_LIMIT } from './network-totals.ts'

function tracker(url: string, state: TrackerStatus['state'], message = ''): TrackerStatus {
  const unknown = { seeds: null, leechers: null, nextAnnounceMs: null, lastAnnounceAtMs: null }
  return { url, tier: 0, state, message, ...unknown }
}

describe('the trackers of a session', () => {
  test('are told by host, without what is secret, each torrent once', () => {
    const one = [
      tracker('http://t.example:80/announce?passkey=secret', 'failing', 'Refused'),
      tracker('udp://t.example:80/x', 'working'),
    ]
    const two = [tracker('http://t.example:80/other', 'failing', 'Not registered')]
    const three = [tracker('https://user:word@other.example/announce', 'idle')]
    const { trackers } = networkTotals(
      [one, two, three].map((each) => ({ peers: [], trackers: each })),
    )
    expect(trackers).toEqual([
      { host: 't.example:80', torrents: 2, working: 1, failing: 1, message: 'Not registered' },
      { host: 'other.example', torrents: 1, working: 0, failing: 0, message: '' },
    ])
  })

  test('are told up to a bound of hosts', () => {
    const torrents = Array.from({ length: TRACKER_HOSTS_LIMIT + 1 }, (_, at) => ({
      peers: [],
      trackers: [tracker(`http://t${at}.example/`, 'working')],
    }))
    expect(networkTotals(torrents.slice(0, -1)).trackers.length).toBe(TRACKER_HOSTS_LIMIT)
    expect(networkTotals(torrents).trackers.length).toBe(TRACKER_HOSTS_LIMIT)
  })
})
