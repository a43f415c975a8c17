/** Numbers for people who do not want to ask the API. */
import { formatRate } from '@pigeon/control/units'
import type { ControlledSession } from '@pigeon/control/controlled-session'

type Session = Pick<ControlledSession, 'list' | 'summary'>

/** Fields of one line of the log. */
export function statistics(session: Session): Readonly<Record<string, number | null>> {
  const summary = session.summary()
  const torrents = session.list()
  const inState = (state: string): number =>
    torrents.filter((torrent) => torrent.state === state).length
  const memory = process.memoryUsage()
  const cpu = process.cpuUsage()
  return {
    torrents: torrents.length,
    downloading: inState('downloading'),
    seeding: inState('seeding'),
    paused: inState('paused'),
    failed: inState('error'),
    peers: summary.peersConnected,
    downRate: summary.downRate,
    upRate: summary.upRate,
    downloadedBytes: summary.downloadedBytes,
    uploadedBytes: summary.uploadedBytes,
    freeBytes: summary.freeBytes,
    residentBytes: memory.rss,
    heapBytes: memory.heapUsed,
    cpuSeconds: Math.round((cpu.user + cpu.system) / 1e6),
    upSeconds: Math.round(process.uptime()),
  }
}

export function statusLine(session: Session): string {
  const { peersConnected, downRate, upRate } = session.summary()
  const count = session.list().length
  const torrents = count === 1 ? '1 torrent' : `${count} torrents`
  const peers = peersConnected === 1 ? '1 peer' : `${peersConnected} peers`
  return `${torrents}, ${peers}, down ${formatRate(downRate)}, up ${formatRate(upRate)}`
}
