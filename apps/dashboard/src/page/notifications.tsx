/** News in the page, and on request as notifications of the system. */
import { formatTimeOfDay } from '@pigeon/control/units'
import { Popover } from 'radix-ui'
import { type ReactNode, useEffect, useState } from 'react'
import { BASE, ROOT } from './base-path.ts'
import { Icon } from './icons.tsx'
import { navigate } from './navigation.ts'
import { addNews, clearNews, type NewsEntry, newsBetween, readNews, useNews } from './news.ts'
import { overlayPlace } from './overlay-place.ts'
import { useStore } from './store.ts'
import { strings } from './strings.ts'

const WISH_NAME = 'pigeon-notify'
/** Many at once are one notification. */
const MOST_AT_ONCE = 3

/** Follows the list and notes what is news. For the top of the page, once. */
export function useNewsOfTorrents(): void {
  useEffect(
    () =>
      useStore.subscribe((state, before) => {
        if (state.feed.torrents === before.feed.torrents) return
        const found = newsBetween(before.feed.torrents, state.feed.torrents, Date.now())
        addNews(found)
        if (found.length > 0 && isWished() && !document.hasFocus()) void notify(found)
      }),
    [],
  )
}

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

/** Turns notifications of the system on and off. The browser is asked only after a click here. */
export function NotificationSettings() {
  const words = strings.notify
  const [isOn, setOn] = useState(isWished)
  const [answer, setAnswer] = useState<'none' | 'refused'>('none')
  if (!('Notification' in window) || !isSecureContext)
    return <Setting title={words.title} text={words.unable} />
  const turnOn = async (): Promise<void> => {
    const permission = await Notification.requestPermission()
    if (permission === 'granted') localStorage.setItem(WISH_NAME, 'on')
    setOn(permission === 'granted')
    setAnswer(permission === 'granted' ? 'none' : 'refused')
  }
  const turnOff = (): void => {
    localStorage.removeItem(WISH_NAME)
    setOn(false)
  }
  const refusal = Notification.permission === 'denied' ? words.denied : words.refused
  return (
    <Setting title={words.title} text={words.text}>
      <button type="button" className="button" onClick={() => (isOn ? turnOff() : void turnOn())}>
        {isOn ? words.turnOff : words.turnOn}
      </button>
      <p className="setting-answer" role="status">
        {isOn ? words.on : answer === 'refused' ? refusal : ''}
      </p>
    </Setting>
  )
}

/** Makes the browser open magnet links here. The browser is asked only after a click here. */
export function MagnetHandlerSettings() {
  const words = strings.magnets
  const [isAsked, setAsked] = useState(false)
  if (!('registerProtocolHandler' in navigator) || !isSecureContext)
    return <Setting title={words.title} text={words.unable} />
  const address = `${location.origin}${ROOT}add?url=%s`
  return (
    <Setting title={words.title} text={words.text}>
      <button
        type="button"
        className="button"
        onClick={() => {
          navigator.registerProtocolHandler('magnet', address)
          setAsked(true)
        }}
      >
        {words.register}
      </button>
      <p className="setting-answer" role="status">
        {isAsked ? words.asked : ''}
      </p>
    </Setting>
  )
}

interface SettingProps {
  readonly title: string
  readonly text: string
  readonly children?: ReactNode
}

function Setting({ title, text, children }: SettingProps) {
  return (
    <div className="browser-setting">
      <h3 className="browser-setting-title">{title}</h3>
      <p className="browser-setting-text">{text}</p>
      {children}
    </div>
  )
}

function isWished(): boolean {
  return (
    localStorage.getItem(WISH_NAME) === 'on' &&
    'Notification' in window &&
    Notification.permission === 'granted'
  )
}

async function notify(found: readonly Omit<NewsEntry, 'number'>[]): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration()
  const words = strings.news
  for (const { kind, name, text, torrentId } of found.slice(0, MOST_AT_ONCE)) {
    const title = kind === 'finished' ? words.finishedNamed(name) : words.failedNamed(name)
    const options = {
      body: text,
      // One for each torrent: the newest takes the place of what was said before.
      tag: `pigeon-${torrentId}`,
      icon: `${BASE}icon-192.png`,
      data: `${ROOT}t/${torrentId}`,
    }
    await registration?.showNotification(title, options)
  }
}
