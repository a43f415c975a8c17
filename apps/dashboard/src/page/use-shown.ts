import { createContext, useContext, useMemo, useState } from 'react'
import { ListOrder } from './list-order.ts'
import { useView } from './navigation.ts'
import { useStore } from './store.ts'

/** Ids of what the list shows, in order. The same array while that does not change. */
export function useShownIds(): readonly string[] {
  const torrents = useStore((state) => state.feed.torrents)
  const view = useView()
  const [order] = useState(() => new ListOrder())
  return useMemo(() => order.shown(torrents, view), [order, torrents, view])
}

/** Worked out once for all that is around the list. */
export const ShownIds = createContext<readonly string[]>([])

export function useShown(): readonly string[] {
  return useContext(ShownIds)
}
