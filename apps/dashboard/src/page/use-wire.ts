import { useEffect, useReducer } from 'react'
import { useStore } from './store.ts'
import { watchWire } from './use-live-link.ts'
import { addNews, clearLines, EMPTY_WIRE, type WireLog, type WireNews } from './wire-log.ts'

export interface WireState {
  /** What is shown; stands still while it is paused. */
  readonly log: WireLog
  readonly isPaused: boolean
  /** Messages that came since it was paused. */
  readonly waiting: number
  readonly pause: (isPaused: boolean) => void
  readonly clear: () => void
}

/** The wire of a peer, watched as long as it is looked at. */
export function useWire(torrent: string, peer: number): WireState {
  const [state, act] = useReducer(step, START)
  const isLive = useStore((store) => store.link === 'live')
  useEffect(() => {
    const tell = (news: WireNews): void => act({ kind: 'news', news })
    if (isLive) return watchWire({ torrent, peer }, tell)
    tell({ kind: 'cut' })
    return undefined
  }, [torrent, peer, isLive])
  return {
    log: state.shown ?? state.log,
    isPaused: state.shown !== null,
    waiting: state.shown === null ? 0 : state.log.nextKey - state.shown.nextKey,
    pause: (isPaused) => act({ kind: 'pause', isPaused }),
    clear: () => act({ kind: 'clear' }),
  }
}

interface Watched {
  readonly log: WireLog
  /** As it was when it was paused; `null` while it is not. */
  readonly shown: WireLog | null
}

const START: Watched = { log: EMPTY_WIRE, shown: null }

type Act =
  | { readonly kind: 'news'; readonly news: WireNews }
  | { readonly kind: 'pause'; readonly isPaused: boolean }
  | { readonly kind: 'clear' }

function step({ log, shown }: Watched, act: Act): Watched {
  switch (act.kind) {
    case 'news': {
      const next = addNews(log, act.news)
      // How the wire itself is doing is told also while the messages stand still.
      return {
        log: next,
        shown: shown === null ? null : { ...shown, state: next.state, problem: next.problem },
      }
    }
    case 'pause':
      return { log, shown: act.isPaused ? log : null }
    case 'clear':
      return { log: clearLines(log), shown: shown === null ? null : clearLines(log) }
    default:
      return act satisfies never
  }
}
