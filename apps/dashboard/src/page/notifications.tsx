/** News as notifications of the system, on request. */
import { useEffect, useState } from 'react'
import { BASE, ROOT } from './base-path.ts'
import { BrowserSetting } from './browser-setting.tsx'
import { addNews, type NewsEntry, newsBetween } from './news.ts'
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

/** Turns notifications of the system on and off. The browser is asked only after a click here. */
export function NotificationSettings() {
  const words = strings.notify
  const [isOn, setOn] = useState(isWished)
  const [answer, setAnswer] = useState<'none' | 'refused'>('none')
  if (!('Notification' in window) || !isSecureContext)
    return <BrowserSetting title={words.title} text={words.unable} />
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
    <BrowserSetting title={words.title} text={words.text}>
      <button type="button" className="button" onClick={() => (isOn ? turnOff() : void turnOn())}>
        {isOn ? words.turnOff : words.turnOn}
      </button>
      <p className="setting-answer" role="status">
        {isOn ? words.on : answer === 'refused' ? refusal : ''}
      </p>
    </BrowserSetting>
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
