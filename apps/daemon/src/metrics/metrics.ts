/** Puts the metrics of a daemon where they can be read. */
import type { IncomingMessage } from 'node:http'
import type { Problem, Scope } from '@pigeon/control/contract'
import { problem } from '@pigeon/control/problems'
import type { DaemonOptions, ListenAddress } from '../setting-table.ts'
import { CLIENT_NAME } from '../version.ts'
import { type MeteredNetwork, networkMetrics } from './network-metrics.ts'
import {
  countRequests,
  MetricsPrinter,
  metricsRoute,
  openMetricsServer,
  type Route,
} from './routes.ts'
import { type MeteredSession, sessionMetrics, torrentMetrics } from './session-metrics.ts'
import type { Tallies } from './tallies.ts'

export interface MetricsOptions {
  readonly settings: Pick<DaemonOptions, 'metricsListen' | 'metricsTorrents'>
  readonly session: MeteredSession & MeteredNetwork['session']
  readonly reach: MeteredNetwork['reach']
  readonly tallies: Tallies
  readonly access: { authorise(request: IncomingMessage): Promise<Scope | null> }
  readonly onError: (error: unknown) => void
}

export interface MetricsParts {
  /** For a server of the control, before its own; `isTrusted`: nobody there needs a token. */
  routes(isTrusted: boolean): readonly Route[]
  /** Of the address of its own; `null` without one. */
  readonly url: string | null
  /** From now on so many torrents have series of their own. */
  setTorrents(most: number): void
  close(): Promise<void>
}

export async function openMetrics(options: MetricsOptions): Promise<MetricsParts | Problem> {
  const { settings, session, reach, tallies, access, onError } = options
  let most = settings.metricsTorrents
  const printer = new MetricsPrinter(() => [
    ...sessionMetrics(session, CLIENT_NAME),
    ...networkMetrics({ session, reach }),
    ...tallies.metrics(),
    ...(most === 0 ? [] : torrentMetrics(session, most)),
  ])
  const listen = settings.metricsListen
  const server = listen === null ? null : await openMetricsServer(printer, listen, onError)
  if (typeof server === 'string' && listen !== null) return cannotListen(listen, server)
  const own = typeof server === 'string' ? null : server
  return {
    routes: (isTrusted) => [
      countRequests(tallies.controlRequests),
      metricsRoute(
        printer,
        async (request) => isTrusted || (await access.authorise(request)) !== null,
        onError,
      ),
    ],
    url: own?.url ?? null,
    setTorrents: (next) => {
      if (next === most) return
      most = next
      printer.forget()
    },
    close: async () => own?.close(),
  }
}

function cannotListen({ host, port }: ListenAddress, code: string): Problem {
  return problem(
    code === 'EADDRINUSE' ? 'address-in-use' : 'address-unavailable',
    `The metrics cannot be served at ${host.includes(':') ? `[${host}]` : host}:${port} (${code}).`,
    'Choose another address with --metrics-listen.',
  )
}
