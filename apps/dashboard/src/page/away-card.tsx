/** Instead of the list, where nothing of it is known because nobody answers. */
import type { ReactNode } from 'react'
import { Mark } from './icons.tsx'
import { useStore } from './store.ts'
import { strings } from './strings.ts'
import { retryLine } from './use-live-link.ts'

/** The list, or who is away where nothing of it is known. */
export function ListOrAway({ children }: { children: ReactNode }) {
  const who = useWhoIsAway()
  return who === null ? children : <AwayCard who={who} />
}

/** Whether there is nothing to show but that somebody is away: pigeon-web itself, or the node behind it. */
function useWhoIsAway(): 'page' | 'node' | null {
  return useStore(({ feed, link }) => {
    if (feed.session !== null) return null
    if (link === 'offline') return 'page'
    return feed.nodeProblem === null ? null : 'node'
  })
}

function AwayCard({ who }: { who: 'page' | 'node' }) {
  const problem = useStore((state) => state.feed.nodeProblem)
  const words = strings.away
  return (
    <div className="empty away" role="status">
      <Mark />
      <h2 className="empty-title">{who === 'page' ? words.title : words.nodeTitle}</h2>
      {who === 'node' && problem !== null && (
        <p className="empty-text">
          <strong>{problem.message}</strong> {problem.help}
        </p>
      )}
      <p className="empty-text">{who === 'page' ? words.text : words.nodeText}</p>
      {who === 'page' && (
        <button type="button" className="button button-primary" onClick={retryLine}>
          {words.retry}
        </button>
      )}
    </div>
  )
}
