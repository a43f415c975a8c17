import { formatTimeOfDay } from '@pigeon/control/units'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import { Icon } from './icons.tsx'
import { navigate } from './navigation.ts'
import { clearNews, type NewsEntry, readNews, useNews } from './news.ts'
import { overlayPlace } from './overlay-place.ts'
import { strings } from './strings.ts'

/** The button with the list of news. */
export function NewsButton() {
  const { entries, unread } = useNews()
  const words = strings.news
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover.Root
      open={isOpen}
      onOpenChange={(open) => {
        setOpen(open)
        if (open) readNews()
      }}
    >
      <Popover.Trigger asChild>
        <button type="button" className="icon-button news-button" aria-label={words.open(unread)}>
          <Icon name="bell" />
          {unread > 0 && <span className="news-count">{unread > 99 ? '99+' : unread}</span>}
        </button>
      </Popover.Trigger>
      <Popover.Portal container={overlayPlace()}>
        <Popover.Content
          className="news"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={words.title}
        >
          <div className="news-head">
            <h2 className="news-title">{words.title}</h2>
            {entries.length > 0 && (
              <button type="button" className="button button-small" onClick={clearNews}>
                {words.clear}
              </button>
            )}
          </div>
          {entries.length === 0 ? (
            <p className="news-none">{words.none}</p>
          ) : (
            <ul className="news-list">
              {entries.map((entry) => (
                <NewsItem key={entry.number} entry={entry} onOpen={() => setOpen(false)} />
              ))}
            </ul>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function NewsItem({ entry, onOpen }: { entry: NewsEntry; onOpen: () => void }) {
  const { kind, name, text, torrentId, atMs } = entry
  return (
    <li className="news-item" data-kind={kind}>
      <button
        type="button"
        className="news-link"
        onClick={() => {
          onOpen()
          navigate({ view: 'detail', id: torrentId, tab: 'overview' })
        }}
      >
        <Icon name={kind === 'finished' ? 'check' : 'alert'} />
        <span className="news-text">
          <strong dir="auto">{name}</strong>
          <span>{text === '' ? strings.news[kind] : text}</span>
        </span>
        <time dateTime={new Date(atMs).toISOString()}>{formatTimeOfDay(atMs)}</time>
      </button>
    </li>
  )
}
