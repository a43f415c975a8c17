import type { Scope } from '@pigeon/control/contract'
import { NODE_KEY } from './base-path.ts'
import { useStore } from './store.ts'

/** What may be done with the node that is shown: less than all where pigeon-web has a lesser token for it. */
export function useScope(): Scope {
  return useStore(({ nodes }) => {
    const shown = nodes.find(({ key }) => key === NODE_KEY) ?? nodes[0]
    return shown?.scope ?? 'full'
  })
}

/** Whether settings of the node may be changed. */
export function useMayChange(): boolean {
  return useScope() === 'full'
}
