import { formatBytes, formatRate } from '@pigeon/control/units'
import { Tooltip } from 'radix-ui'
import { useEffect, useRef } from 'react'
import { AddDialog } from './add-dialog.tsx'
import { getTicket } from './api.ts'
import { Banners, Notices } from './banners.tsx'
import { DetailPanel } from './detail-panel.tsx'
import { DropAndPaste } from './drop-and-paste.tsx'
import { LiveLink } from './live-link.ts'
import { LoginPage } from './login-page.tsx'
import { OVERLAY_PLACE_ID } from './overlay-place.ts'
import { RemoveDialog } from './remove-dialog.tsx'
import { ShareDialog } from './share-dialog.tsx'
import { endSession, followHistory, setLink, takeUpdate, useStore } from './store.ts'
import { strings } from './strings.ts'
import { StateBar, TopBar } from './top-bar.tsx'
import { TorrentList } from './torrent-list.tsx'

export function App() {
  const session = useStore((state) => state.session)
  const isLoginLink = useStore((state) => state.route.view === 'login')
  useEffect(followHistory, [])
  return (
    <Tooltip.Provider delayDuration={400}>
      {session === 'in' && !isLoginLink ? <Main /> : <LoginPage hasEnded={session === 'ended'} />}
    </Tooltip.Provider>
  )
}

function Main() {
  const link = useLiveLink()
  const route = useStore((state) => state.route)
  useTitle()
  return (
    <div className="app" data-view={route.view}>
      <TopBar />
      <Banners onRetry={() => link.current?.retryNow()} />
      <main className="content">
        <StateBar />
        <div className="panes">
          <TorrentList />
          {route.view === 'detail' && <DetailPanel key={route.id} id={route.id} tab={route.tab} />}
        </div>
        <div id={OVERLAY_PLACE_ID} />
      </main>
      <StatusBar />
      <Dialogs />
      <DropAndPaste />
      <Notices />
    </div>
  )
}

function Dialogs() {
  const dialog = useStore((state) => state.dialog)
  switch (dialog?.kind) {
    case 'add':
      return <AddDialog dialog={dialog} />
    case 'share':
      return <ShareDialog />
    case 'remove':
      return <RemoveDialog ids={dialog.ids} />
    default:
      return null
  }
}

/** Where this node can be reached, and how much room it has. */
function StatusBar() {
  const session = useStore((state) => state.feed.session)
  const link = useStore((state) => state.link)
  if (session === null) return null
  return (
    <footer className="status-bar">
      <span className="status-item" data-link={link}>
        <span className="link-dot" />
        {strings.status.link[link]}
      </span>
      <span className="status-item">
        {session.listening === null
          ? strings.status.deaf
          : strings.status.listening(session.listening)}
      </span>
      {session.freeBytes !== null && (
        <span className="status-item status-free">
          {strings.status.free(formatBytes(session.freeBytes), session.defaultFolder)}
        </span>
      )}
      <span className="status-item status-node">{session.node}</span>
    </footer>
  )
}

/** Keeps the live line open as long as the page is logged in. */
function useLiveLink() {
  const link = useRef<LiveLink | null>(null)
  useEffect(() => {
    const live = new LiveLink(
      {
        onUpdate: takeUpdate,
        onState: setLink,
        onLoggedOut: () => endSession('ended'),
      },
      {
        getTicket,
        open: (ticket) => new WebSocket(`/api/v1/events?ticket=${encodeURIComponent(ticket)}`),
        later: (delayMs, callback) => {
          const timer = setTimeout(callback, delayMs)
          return () => clearTimeout(timer)
        },
        random: Math.random,
      },
    )
    link.current = live
    live.start()
    const retry = (): void => live.retryNow()
    addEventListener('online', retry)
    return () => {
      removeEventListener('online', retry)
      live.stop()
    }
  }, [])
  return link
}

function useTitle(): void {
  const down = useStore((state) => formatRate(state.feed.session?.downRate ?? 0))
  const up = useStore((state) => formatRate(state.feed.session?.upRate ?? 0))
  const isLive = useStore((state) => state.link === 'live')
  useEffect(() => {
    document.title = isLive ? strings.title(down, up) : strings.product
    return () => {
      document.title = strings.product
    }
  }, [down, up, isLive])
}
