/** The metrics of how peers are found and reached. */
import type { ControlledSession, RawNetworkStatus } from '@pigeon/control/controlled-session'
import type { NodeReach } from '@pigeon/control/node-reach'
import { type Metric, type Sample, single } from './metric.ts'

export interface MeteredNetwork {
  readonly session: Pick<ControlledSession, 'network'>
  readonly reach: Pick<NodeReach, 'proxy' | 'tracker'>
}

type Family = RawNetworkStatus['dht'][number]

export function networkMetrics({ session, reach }: MeteredNetwork): readonly Metric[] {
  const dht = (
    kind: Metric['kind'],
    name: string,
    help: string,
    value: (family: Family) => number,
  ): Metric => ({
    ...{ kind, name, help, labels: ['family'] },
    read: () =>
      session
        .network()
        .dht.map((one) => ({ labels: { family: String(one.family) }, value: value(one) })),
  })
  const by = (
    name: string,
    help: string,
    label: string,
    counts: (network: RawNetworkStatus) => Readonly<Record<string, number>>,
  ): Metric => ({
    ...{ name, help, kind: 'gauge', labels: [label] },
    read: () => samplesOf(label, counts(session.network())),
  })
  const one = (
    kind: Metric['kind'],
    name: string,
    help: string,
    value: (network: RawNetworkStatus) => number | null,
  ): Metric => ({ kind, name, help, labels: [], read: () => single(value(session.network())) })
  const tracker = (
    kind: Metric['kind'],
    name: string,
    help: string,
    field: 'torrents' | 'peers' | 'announces',
  ): Metric => ({
    ...{ kind, name, help, labels: [] },
    read: () => single(reach.tracker()?.[field] ?? null),
  })
  return [
    dht('gauge', 'pigeon_dht_nodes', 'Good nodes in the table.', ({ nodes }) => nodes),
    dht(
      'counter',
      'pigeon_dht_queries_received_total',
      'Questions of others.',
      ({ queriesIn }) => queriesIn,
    ),
    dht('counter', 'pigeon_dht_queries_sent_total', 'Our own.', ({ queriesOut }) => queriesOut),
    dht(
      'counter',
      'pigeon_dht_queries_refused_total',
      'Questions that came too often or were wrong.',
      ({ refusedIn }) => refusedIn,
    ),
    dht('counter', 'pigeon_dht_received_bytes_total', 'Of the DHT.', ({ bytesIn }) => bytesIn),
    dht('counter', 'pigeon_dht_sent_bytes_total', 'Of the DHT.', ({ bytesOut }) => bytesOut),
    dht(
      'gauge',
      'pigeon_dht_stored_peers',
      'Peers that others have us keep.',
      ({ storedPeers }) => storedPeers,
    ),
    by(
      'pigeon_peers_by_source',
      'Connected peers by where they came from.',
      'source',
      ({ peersBySource }) => peersBySource,
    ),
    by(
      'pigeon_peers_by_transport',
      'Connected peers by what carries them.',
      'transport',
      ({ peersByTransport }) => peersByTransport,
    ),
    one('gauge', 'pigeon_peers_encrypted', 'Connected and encrypted.', (now) => now.encryptedPeers),
    one(
      'gauge',
      'pigeon_reachable',
      'Whether strangers can come in; absent while that is not known.',
      ({ reachability }) =>
        reachability === 'unknown' ? null : Number(reachability === 'reachable'),
    ),
    one(
      'gauge',
      'pigeon_port_mapped',
      'Whether the router passes our port on; absent where it is not asked.',
      ({ portMapping }) =>
        portMapping.state === 'off' ? null : Number(portMapping.state === 'mapped'),
    ),
    one(
      'gauge',
      'pigeon_blocklist_ranges',
      'Ranges of the blocklist; absent without one.',
      ({ blocklist }) => blocklist?.ranges ?? null,
    ),
    one(
      'counter',
      'pigeon_blocklist_refused_total',
      'Connections refused because of the blocklist.',
      ({ blocklist }) => blocklist?.blocked ?? null,
    ),
    {
      ...{ name: 'pigeon_proxy_up', kind: 'gauge', labels: [] },
      help: 'Whether the proxy could be used the last time; absent without one.',
      read: () => {
        const proxy = reach.proxy()
        return single(proxy === null ? null : Number(proxy.problem === null))
      },
    },
    tracker('gauge', 'pigeon_tracker_torrents', 'Torrents of the embedded tracker.', 'torrents'),
    tracker('gauge', 'pigeon_tracker_peers', 'Peers of the embedded tracker.', 'peers'),
    tracker('counter', 'pigeon_tracker_announces_total', 'Announces to it.', 'announces'),
  ]
}

function samplesOf(label: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }))
}
