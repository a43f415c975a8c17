import { formatRate } from '@pigeon/control/units'
import { Tooltip } from 'radix-ui'
import { lazy, Suspense, useEffect } from 'react'
import { ListOrAway } from './away-card.tsx'
import { Banners, Notices } from './banners.tsx'
import { Dialogs } from './dialogs.tsx'
import { DropAndPaste } from './drop-and-paste.tsx'
import { FilterPanel } from './filter-panel.tsx'
import { ListBar } from './list-bar.tsx'
import { LoginPage } from './login-page.tsx'
import { navigate, useRoute } from './navigation.ts'
import { useNewsOfTorrents } from './notifications.tsx'
import { OVERLAY_PLACE_ID } from './overlay-place.ts'
import type { Route } from './route.ts'
import { runShortcut } from './shortcuts.ts'
import { SideLinks } from './side-links.tsx'
import { SpeedPanel } from './speed-panel.tsx'
import { Jobs, StatusBar } from './status-bar.tsx'
import { followSession, offerToAdd, useStore } from './store.ts'
import { strings } from './strings.ts'
import { TopBar } from './top-bar.tsx'
import { TorrentList } from './torrent-list.tsx'
import { useLiveLink } from './use-live-link.ts'
import { useLooks } from './use-looks.ts'
import { useIsRoomy } from './use-media.ts'
import { ShownIds, useShown, useShownIds } from './use-shown.ts'

const DetailPanel = lazy(() =>
  import('./detail-panel.tsx').then((part) => ({ default: part.DetailPanel })),
)
const SettingsPage = lazy(() =>
  import('./settings-page.tsx').then((part) => ({ default: part.SettingsPage })),
)
const NetworkPage = lazy(() =>
  import('./network-page.tsx').then((part) => ({ default: part.NetworkPage })),
)
const WirePage = lazy(() => import('./wire-page.tsx').then((part) => ({ default: part.WirePage })))
const AboutPage = lazy(() =>
  import('./about-page.tsx').then((part) => ({ default: part.AboutPage })),
)

export function App() {
  const session = useStore((state) => state.session)
  const isLoginLink = useRoute().view === 'login'
  const language = useStore((state) => state.language)
  // What was on the screen when the session ended stays there, under the way in.
  const isShown = (session === 'in' || session === 'ended') && !isLoginLink
  useEffect(followSession, [])
  useLooks()
  return (
    <Tooltip.Provider key={language} delayDuration={400}>
      {isShown && (
        <div className="stage" inert={session === 'ended'}>
          <Main />
        </div>
      )}
      {(session !== 'in' || isLoginLink) && (
        <LoginPage hasEnded={session === 'ended'} isOver={isShown} />
      )}
    </Tooltip.Provider>
  )
}

function Main() {
  const link = useLiveLink()
  const route = useRoute()
  const shown = useShownIds()
  useTitle()
  useNewsOfTorrents()
  useOfferedLink(route)
  return (
    <ShownIds value={shown}>
      <div className="app" data-view={route.view}>
        <TopBar />
        <Banners onRetry={() => link.current?.retryNow()} />
        <Jobs />
        <Suspense fallback={<p className="page-note">{strings.loading}</p>}>
          <View route={route} />
        </Suspense>
        <StatusBar />
        <Dialogs />
        <DropAndPaste />
        <Notices />
        <Shortcuts />
      </div>
    </ShownIds>
  )
}

function View({ route }: { route: Route }) {
  const isRoomy = useIsRoomy()
  const isStale = useStore((state) => state.link === 'offline' || state.feed.nodeProblem !== null)
  return (
    <main className="content">
      {route.view === 'settings' && <SettingsPage />}
      {route.view === 'network' && <NetworkPage />}
      {route.view === 'wire' && (
        <WirePage key={`${route.id} ${route.peer}`} id={route.id} peer={route.peer} />
      )}
      {route.view === 'about' && <AboutPage />}
      {IN_FRAME.has(route.view) && (
        <div className="frame" data-stale={isStale}>
          {isRoomy && (
            <nav className="filters sidebar" aria-label={strings.filter.panel}>
              <FilterPanel />
              <SideLinks />
            </nav>
          )}
          <div className="middle">
            <ListBar />
            <div className="panes">
              <ListOrAway>
                <TorrentList />
              </ListOrAway>
              {route.view === 'detail' && (
                <Suspense fallback={<section className="detail" aria-busy />}>
                  <DetailPanel key={route.id} id={route.id} tab={route.tab} />
                </Suspense>
              )}
            </div>
            <SpeedPanel />
          </div>
        </div>
      )}
      <div id={OVERLAY_PLACE_ID} />
    </main>
  )
}

/** Views with the list; the others take its place. */
const IN_FRAME: ReadonlySet<Route['view']> = new Set(['login', 'add', 'list', 'detail'])

/** Keys that work wherever the focus is. */
function Shortcuts() {
  const shown = useShown()
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => runShortcut(event, shown)
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [shown])
  return null
}

/** `/add?url=`: where a browser sends the magnet links that it hands to us. */
function useOfferedLink(route: Route): void {
  useEffect(() => {
    if (route.view !== 'add') return
    const link = new URLSearchParams(location.search).get('url') ?? ''
    navigate({ view: 'list' }, { replace: true })
    offerToAdd(link, [])
  }, [route])
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
