import type { Problem, TorrentDetail } from '@pigeon/control/contract'
import { useCallback, useEffect, useState } from 'react'
import { getDetail } from './api.ts'
import { endSession, useStore } from './store.ts'

/** How often the details are asked for while somebody looks at them. */
const ASK_EVERY_MS = 1_000
/** Details that take long to come (of 200,000 files) are asked for less often: that many times as long as they took. */
const REST = 6

export interface DetailState {
  readonly detail: TorrentDetail | null
  readonly isGone: boolean
  readonly problem: Problem | null
  /** Asks at once, after something was changed. */
  readonly refresh: () => void
}

/** The details of one torrent, asked for again and again; not while the page is hidden or the line is down. */
export function useDetail(id: string): DetailState {
  const [answer, setAnswer] = useState<Omit<DetailState, 'refresh'>>({
    detail: null,
    isGone: false,
    problem: null,
  })
  const isLive = useStore((state) => state.link === 'live')
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (!isLive) return undefined
    let isStopped = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      let restMs = ASK_EVERY_MS
      if (!document.hidden) {
        const beganMs = performance.now()
        const result = await getDetail(id)
        if (isStopped) return
        if (result.kind === 'logged-out') return endSession('ended')
        if (result.kind === 'ok')
          setAnswer({ detail: result.value, isGone: result.value === null, problem: null })
        else setAnswer((before) => ({ ...before, problem: result.problem }))
        restMs = Math.max(restMs, REST * (performance.now() - beganMs))
      }
      timer = setTimeout(() => void ask(), restMs)
    }
    void ask()
    return () => {
      isStopped = true
      clearTimeout(timer)
    }
  }, [id, isLive, turn])
  const refresh = useCallback(() => setTurn((before) => before + 1), [])
  return { ...answer, refresh }
}
