import type { FileDetail, FilePriority } from '@pigeon/control/contract'
import { useEffect, useMemo, useRef, useState } from 'react'

export interface FileWish {
  readonly index: number
  readonly priority: FilePriority
}

export interface FileWishes {
  /** As they were wished. */
  readonly files: readonly FileDetail[]
  readonly expect: (more: readonly FileWish[]) => void
  readonly settle: (isDone: boolean) => void
}

/** Shows what was wished at once, until the node has told its new state or refused. */
export function useFileWishes(told: readonly FileDetail[]): FileWishes {
  const [wishes, setWishes] = useState<ReadonlyMap<number, FilePriority>>(new Map())
  const waiting = useRef(0)
  useEffect(() => {
    if (waiting.current === 0) setWishes((before) => (before.size === 0 ? before : new Map()))
  }, [told])
  const files = useMemo(
    () =>
      wishes.size === 0
        ? told
        : told.map((file) => ({ ...file, priority: wishes.get(file.index) ?? file.priority })),
    [told, wishes],
  )
  return {
    files,
    expect: (more) => {
      waiting.current += 1
      setWishes((before) => {
        const after = new Map(before)
        for (const { index, priority } of more) after.set(index, priority)
        return after
      })
    },
    settle: (isDone) => {
      waiting.current -= 1
      if (!isDone) setWishes(new Map())
    },
  }
}
