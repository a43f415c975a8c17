/** What pigeond counts while it runs. */
import { type Metric, Tally } from './metric.ts'

export class Tallies {
  readonly controlRequests = new Tally()
  readonly logEvents = new Tally()
  readonly hooks = new Tally()
  readonly watchedFiles = new Tally()
  readonly feedLooks = new Tally()
  readonly feedItems = new Tally()
  readonly reloads = new Tally()

  metrics(): readonly Metric[] {
    return [
      counter(
        'pigeon_control_requests_total',
        'HTTP requests to the control address, by status class.',
        ['method', 'status'],
        this.controlRequests,
      ),
      counter('pigeon_log_events_total', 'Lines of the log.', ['level'], this.logEvents),
      counter(
        'pigeon_hooks_total',
        'Programs and web hooks of completed torrents.',
        ['hook', 'result'],
        this.hooks,
      ),
      counter(
        'pigeon_watched_files_total',
        'Files found in watched folders.',
        ['result'],
        this.watchedFiles,
      ),
      counter('pigeon_feed_looks_total', 'Looks at feeds.', ['result'], this.feedLooks),
      counter('pigeon_feed_items_total', 'Items that feed rules took.', ['result'], this.feedItems),
      counter(
        'pigeon_reloads_total',
        'Times the settings were read again.',
        ['result'],
        this.reloads,
      ),
    ]
  }
}

function counter(name: string, help: string, labels: readonly string[], tally: Tally): Metric {
  return { name, help, kind: 'counter', labels, read: () => tally.read() }
}
