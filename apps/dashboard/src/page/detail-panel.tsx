/** Everything about one torrent: beside or below the list, or instead of it where the page is narrow. */
import type { TorrentDetail, TorrentSummary } from '@pigeon/control/contract'
import { Tabs } from 'radix-ui'
import { useEffect, useRef } from 'react'
import { DetailFiles } from './detail-files.tsx'
import { DetailLog } from './detail-log.tsx'
import { DetailOverview } from './detail-overview.tsx'
import { DetailPeers } from './detail-peers.tsx'
import { DetailPieces } from './detail-pieces.tsx'
import { DetailTrackers } from './detail-trackers.tsx'
import { IconButton } from './icon-button.tsx'
import { DETAIL_TABS, type DetailTab } from './route.ts'
import { navigate } from './navigation.ts'
import { useStore } from './store.ts'
import { strings } from './strings.ts'
import { PauseButton, TorrentMenu } from './torrent-actions.tsx'
import { TorrentProgress } from './torrent-progress.tsx'
import { StateLine } from './torrent-row.tsx'
import { useDetail } from './use-detail.ts'
import { useIsNarrow } from './use-media.ts'

export function DetailPanel({ id, tab }: { id: string; tab: DetailTab }) {
  const torrent = useStore((state) => state.feed.torrents.get(id))
  const isNarrow = useIsNarrow()
  const { detail, isGone, problem, refresh } = useDetail(id)
  const panel = useRef<HTMLElement>(null)
  const close = (): void => navigate({ view: 'list' })
  useEffect(() => {
    // On a phone the details take the list's place, and with it the focus.
    if (isNarrow) panel.current?.focus()
  }, [isNarrow])
  useEffect(() => {
    // Where the tabs do not fit, the chosen one comes into sight.
    const chosen = panel.current?.querySelector('[role=tab][data-state=active]')
    chosen?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [tab])
  // Where it takes the list's place, it is what the page is about.
  const Heading = isNarrow ? 'h1' : 'h2'
  const name = torrent?.name ?? detail?.summary.name ?? ''
  return (
    <section
      ref={panel}
      className="detail"
      tabIndex={-1}
      aria-label={strings.detail.label(name)}
      onKeyDown={(event) => {
        // Menus are drawn elsewhere, but their keys come by here.
        const isInside = event.target instanceof Node && panel.current?.contains(event.target)
        if (event.key === 'Escape' && !event.defaultPrevented && isInside === true) close()
      }}
    >
      <header className="detail-head">
        <IconButton
          className="detail-back"
          icon="back"
          label={strings.detail.back}
          onClick={close}
        />
        <div className="detail-title">
          <Heading className="detail-name" dir="auto" title={name}>
            {name}
          </Heading>
          {torrent !== undefined && <StateLine torrent={torrent} />}
        </div>
        {torrent !== undefined && (
          <>
            <PauseButton torrent={torrent} />
            <TorrentMenu torrent={torrent} />
          </>
        )}
        <IconButton
          className="detail-close"
          icon="close"
          label={strings.detail.close}
          onClick={close}
        />
      </header>
      {torrent !== undefined && <TorrentProgress torrent={torrent} />}
      {isGone ? (
        <p className="detail-note">{strings.detail.gone}</p>
      ) : (
        <Tabs.Root
          className="tabs"
          value={tab}
          onValueChange={(value) => {
            const next = DETAIL_TABS.find((each) => each === value)
            if (next !== undefined) navigate({ view: 'detail', id, tab: next }, { replace: true })
          }}
        >
          <Tabs.List className="tab-list" aria-label={strings.detail.tabs}>
            {DETAIL_TABS.map((each) => (
              <Tabs.Trigger key={each} className="tab" value={each}>
                {strings.tabs[each]}
                <TabCount tab={each} detail={detail} />
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          {problem !== null && (
            <p className="detail-note" role="alert">
              {strings.detail.failed} {problem.message} {problem.help}
            </p>
          )}
          <Tabs.Content className="tab-content" value={tab} tabIndex={0}>
            {detail === null ? (
              problem === null && <p className="detail-note">{strings.loading}</p>
            ) : (
              <DetailTabContent tab={tab} detail={detail} torrent={torrent} onChanged={refresh} />
            )}
          </Tabs.Content>
        </Tabs.Root>
      )}
    </section>
  )
}

interface DetailTabContentProps {
  readonly tab: DetailTab
  readonly detail: TorrentDetail
  readonly torrent: TorrentSummary | undefined
  readonly onChanged: () => void
}

function DetailTabContent({ tab, detail, torrent, onChanged }: DetailTabContentProps) {
  const { id } = detail.summary
  switch (tab) {
    case 'overview':
      return <DetailOverview detail={detail} torrent={torrent ?? detail.summary} />
    case 'files':
      return <DetailFiles detail={detail} onChanged={onChanged} />
    case 'peers':
      return <DetailPeers id={id} peers={detail.peers} />
    case 'trackers':
      return <DetailTrackers id={id} trackers={detail.trackers} onChanged={onChanged} />
    case 'pieces':
      return <DetailPieces pieces={detail.pieces} />
    case 'log':
      return <DetailLog lines={detail.log} />
    default:
      return tab satisfies never
  }
}

function TabCount({ tab, detail }: { tab: DetailTab; detail: TorrentDetail | null }) {
  const count =
    tab === 'files' || tab === 'peers' || tab === 'trackers' ? detail?.[tab].length : undefined
  return count === undefined || count === 0 ? null : <span className="tab-count">{count}</span>
}
