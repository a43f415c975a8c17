/** What stands in the way of everything: no connection, or a node that says that something is wrong. */
import type { ReactNode } from 'react'
import { Icon } from './icons.tsx'
import { dismissNotice, useStore } from './store.ts'
import { IconButton } from './icon-button.tsx'
import { strings } from './strings.ts'

export function Banners({ onRetry }: { onRetry: () => void }) {
  const link = useStore((state) => state.link)
  const nodeProblem = useStore((state) => state.feed.nodeProblem)
  const ownProblem = useStore((state) => state.feed.session?.problem ?? null)
  const { offline } = strings
  return (
    <div className="banners" role="status">
      {link === 'offline' && (
        <Banner message={offline.page} help={offline.pageHelp}>
          <button type="button" className="button button-small" onClick={onRetry}>
            {offline.retry}
          </button>
        </Banner>
      )}
      {link !== 'offline' && nodeProblem !== null && (
        <Banner message={`${offline.node} ${nodeProblem.message}`} help={nodeProblem.help} />
      )}
      {ownProblem !== null && <Banner message={ownProblem.message} help={ownProblem.help} />}
    </div>
  )
}

interface BannerProps {
  readonly message: string
  readonly help: string
  readonly children?: ReactNode
}

function Banner({ message, help, children }: BannerProps) {
  return (
    <div className="banner">
      <Icon name="alert" />
      <p className="banner-text">
        <strong>{message}</strong> {help}
      </p>
      {children}
    </div>
  )
}

/** Answers to what was done without a form of its own. They stay until they are dismissed, unless all is well. */
export function Notices() {
  const notices = useStore((state) => state.notices)
  return (
    <div className="notices" role="status" aria-live="polite">
      {notices.map((notice) => (
        <div key={notice.id} className="notice" data-tone={notice.tone}>
          <Icon name={notice.tone === 'good' ? 'check' : 'alert'} />
          <p className="notice-text">
            <strong>{notice.message}</strong>
            {notice.help !== '' && <span> {notice.help}</span>}
          </p>
          <IconButton
            icon="close"
            label={strings.dismiss}
            onClick={() => dismissNotice(notice.id)}
          />
        </div>
      ))}
    </div>
  )
}
