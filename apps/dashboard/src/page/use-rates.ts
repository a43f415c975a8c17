/** Notes speeds while the page is open, and tells who shows them once a second. */
import { useEffect, useState } from 'react'
import { RateHistory, SAMPLE_MS } from './rate-history.ts'
import { useStore } from './store.ts'

/** Of all torrents together; as long as the page lives. */
export const SESSION_RATES: RateHistory = new RateHistory()

/** Histories of torrents that were looked at; the one that was looked at least lately goes first. */
export const MAX_HISTORIES = 20
const byTorrent = new Map<string, RateHistory>()

/** The history of a torrent. It grows only while somebody looks at it. */
export function ratesOf(id: string): RateHistory {
  const history = byTorrent.get(id) ?? new RateHistory()
  byTorrent.delete(id)
  byTorrent.set(id, history)
  const oldest = byTorrent.keys().next()
  if (byTorrent.size > MAX_HISTORIES && !oldest.done) byTorrent.delete(oldest.value)
  return history
}

/** Notes the speeds of the session every second. For the top of the page, once. */
export function useSessionRates(): void {
  useEffect(() => {
    const timer = setInterval(() => {
      const { feed, link } = useStore.getState()
      if (link === 'live' && feed.session !== null)
        SESSION_RATES.note(Date.now(), feed.session.downRate, feed.session.upRate)
    }, SAMPLE_MS)
    return () => clearInterval(timer)
  }, [])
}

/** Notes the speeds of one torrent every second while it is looked at. */
export function useTorrentRates(id: string): RateHistory {
  const history = ratesOf(id)
  useEffect(() => {
    const note = (): void => {
      const torrent = useStore.getState().feed.torrents.get(id)
      if (torrent !== undefined) history.note(Date.now(), torrent.downRate, torrent.upRate)
    }
    note()
    const timer = setInterval(note, SAMPLE_MS)
    return () => clearInterval(timer)
  }, [id, history])
  return history
}

/** Renders anew every second, but not while nobody sees the page. */
export function useEverySecond(): number {
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((before) => before + 1)
    }, SAMPLE_MS)
    return () => clearInterval(timer)
  }, [])
  return turn
}
