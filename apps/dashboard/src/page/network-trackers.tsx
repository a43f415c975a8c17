/** The trackers of all torrents by host, and the tracker that this node is for others. */
import type { TrackerHost } from '@pigeon/control/network'
import { useState } from 'react'
import { Card, CopyLine, Fact, ProblemLine, type Tone } from './network-card.tsx'
import type { NetworkPartProps } from './network-page.tsx'
import { NetworkSwitch } from './network-switch.tsx'
import { strings } from './strings.ts'
import { sortHosts } from './tracker-hosts.ts'

/** As many are shown at once before the rest is asked for. */
const FEW = 10

export function NetworkTrackers({ hosts }: { hosts: readonly TrackerHost[] }) {
  const [isWhole, setWhole] = useState(false)
  const words = strings.network
  const sorted = sortHosts(hosts)
  const shown = isWhole ? sorted : sorted.slice(0, FEW)
  return (
    <Card title={words.trackers}>
      {hosts.length === 0 && <p className="net-note">{words.trackersNone}</p>}
      <ul className="net-hosts">
        {shown.map((host) => (
          <Host key={host.host} host={host} />
        ))}
      </ul>
      {sorted.length > shown.length && (
        <button type="button" className="button" onClick={() => setWhole(true)}>
          {words.trackersMore(sorted.length - shown.length)}
        </button>
      )}
    </Card>
  )
}

function Host({ host }: { host: TrackerHost }) {
  const words = strings.network
  const [tone, state] = stateOf(host)
  return (
    <li className="net-host" data-tone={tone}>
      <span className="state-dot" aria-hidden="true" />
      <span className="net-host-name" dir="auto">
        {host.host}
      </span>
      <span className="net-host-state">{state}</span>
      <span className="net-soft">{words.trackerTorrents(host.torrents)}</span>
      {host.message !== '' && (
        <span className="net-host-message" dir="auto">
          {host.message}
        </span>
      )}
    </li>
  )
}

function stateOf({ torrents, working, failing }: TrackerHost): readonly [Tone, string] {
  const words = strings.network
  if (failing > 0) return [working > 0 ? 'warn' : 'bad', words.trackerFailing(failing, torrents)]
  return working > 0 ? ['good', words.trackerWorking] : ['idle', words.trackerIdle]
}

export function NetworkServer({ network, onChanged }: NetworkPartProps) {
  const words = strings.network
  const { tracker } = network
  return (
    <Card title={words.server}>
      <NetworkSwitch setting="isTrackerOn" onChanged={onChanged} />
      {tracker !== null && (
        <>
          <ProblemLine problem={tracker.problem} />
          <dl className="facts">
            <Fact label={words.serverListening}>
              <code>{tracker.listening}</code>
            </Fact>
            <Fact label={words.serverCounts}>
              {words.serverCountsValue(tracker.torrents, tracker.peers)}
            </Fact>
            <Fact label={words.serverAnnounces}>{strings.count(tracker.announces)}</Fact>
          </dl>
          {tracker.urls.length > 0 && (
            <>
              <h3 className="net-sub">{words.serverUrls}</h3>
              <ul className="net-urls">
                {tracker.urls.map((url) => (
                  <CopyLine key={url} text={url} />
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </Card>
  )
}
