import type { Problem } from '@pigeon/control/contract'
import type { NetworkStatus } from '@pigeon/control/network'
import { useCallback, useEffect, useState } from 'react'
import { getNetwork } from './api.ts'
import { endSession, useStore } from './store.ts'

/** How often the network is asked for while somebody looks at it. */
const ASK_EVERY_MS = 2_000

export interface NetworkState {
  readonly network: NetworkStatus | null
  readonly problem: Problem | null
  /** Asks at once, after something was changed. */
  readonly refresh: () => void
}

/** The node's network, asked for again and again; not while the page is hidden or the line is down. */
export function useNetwork(): NetworkState {
  const [answer, setAnswer] = useState<Omit<NetworkState, 'refresh'>>({
    network: null,
    problem: null,
  })
  const isLive = useStore((state) => state.link === 'live')
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (!isLive) return undefined
    let isStopped = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      if (!document.hidden) {
        const result = await getNetwork()
        if (isStopped) return
        if (result.kind === 'logged-out') return endSession('ended')
        if (result.kind === 'ok') setAnswer({ network: result.value, problem: null })
        else setAnswer((before) => ({ ...before, problem: result.problem }))
      }
      timer = setTimeout(() => void ask(), ASK_EVERY_MS)
    }
    void ask()
    return () => {
      isStopped = true
      clearTimeout(timer)
    }
  }, [isLive, turn])
  const refresh = useCallback(() => setTurn((before) => before + 1), [])
  return { ...answer, refresh }
}
