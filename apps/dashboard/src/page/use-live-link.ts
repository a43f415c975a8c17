import type { WireEvent, WireTarget } from '@pigeon/control/network'
import { type RefObject, useEffect, useRef } from 'react'
import { getTicket } from './api.ts'
import { ROOT } from './base-path.ts'
import { LiveLink } from './live-link.ts'
import { endSession, setLink, takeUpdate, useStore } from './store.ts'

let open: LiveLink | null = null

/** Tries at once to open the line that is down. */
export function retryLine(): void {
  open?.retryNow()
}

/** Watches the wire of a peer as long as the line is live. Answers how to stop. */
export function watchWire(target: WireTarget, tell: (event: WireEvent) => void): () => void {
  return open?.watchWire(target, tell) ?? (() => {})
}

/** Keeps the live line open as long as the page is logged in. */
export function useLiveLink(): RefObject<LiveLink | null> {
  const link = useRef<LiveLink | null>(null)
  const isIn = useStore((state) => state.session === 'in')
  useEffect(() => {
    if (!isIn) return undefined
    const live = new LiveLink(
      { onUpdate: takeUpdate, onState: setLink, onLoggedOut: () => endSession('ended') },
      {
        getTicket,
        open: (ticket) =>
          new WebSocket(`${ROOT}api/v1/events?ticket=${encodeURIComponent(ticket)}`),
        later: (delayMs, callback) => {
          const timer = setTimeout(callback, delayMs)
          return () => clearTimeout(timer)
        },
        random: Math.random,
      },
    )
    link.current = live
    open = live
    live.start()
    const retry = (): void => live.retryNow()
    addEventListener('online', retry)
    return () => {
      removeEventListener('online', retry)
      live.stop()
      open = null
    }
  }, [isIn])
  return link
}
