/**
 * All trackers of a torrent. Those over WebSockets lead to peers in browsers, whom the others do not know: they are
 * asked beside them, each kind in the order of its tiers.
 */
import type { TrackerTiers } from '@pigeon/protocol/bep/0012-tiers'
import { Announcer, type AnnouncerOptions } from './announcer.ts'
import type { TrackerAccess } from './tracker-access.ts'
import type { TrackerStatus } from './tracker-state.ts'

export class TorrentTrackers {
  readonly #plain: Announcer
  readonly #browser: Announcer
  #tierOf: ReadonlyMap<string, number> = new Map()

  constructor(access: TrackerAccess, options: AnnouncerOptions) {
    const { tiers } = options
    this.#plain = new Announcer(access, { ...options, tiers: plainTiers(tiers) })
    this.#browser = new Announcer(access, { ...options, tiers: browserTiers(tiers) })
    this.#tierOf = tierNumbers(tiers)
  }

  /** By tier, and in each in the order in which they are tried. */
  get trackers(): readonly TrackerStatus[] {
    return [...this.#plain.trackers, ...this.#browser.trackers]
      .map((tracker) => ({ ...tracker, tier: this.#tierOf.get(tracker.url) ?? tracker.tier }))
      .sort((a, b) => a.tier - b.tier)
  }

  /** Of the tracker that answered last, or else of the first that can be asked; `null` without any. */
  get shownHost(): string | null {
    return this.#plain.shownHost ?? this.#browser.shownHost
  }

  /** Begins to announce, with `started`. */
  start(): void {
    this.#plain.start()
    this.#browser.start()
  }

  /** The torrent became complete: the next announces say so, once, and go out now. */
  completed(): void {
    this.#plain.completed()
    this.#browser.completed()
  }

  /** Says `stopped` to every tracker that may count us; resolves when they heard it, after 5 s at the latest. */
  async stop(): Promise<void> {
    await Promise.all([this.#plain.stop(), this.#browser.stop()])
  }

  /** Asks for peers as soon as the trackers' own limits allow. */
  announceNow(): void {
    this.#plain.announceNow()
    this.#browser.announceNow()
  }

  /** Replaces the trackers; those that stay keep what is known about them, those that go hear `stopped`. */
  setTiers(tiers: TrackerTiers): void {
    this.#tierOf = tierNumbers(tiers)
    this.#plain.setTiers(plainTiers(tiers))
    this.#browser.setTiers(browserTiers(tiers))
  }
}

function isForBrowsers(url: string): boolean {
  return /^\s*wss?:/i.test(url)
}

function plainTiers(tiers: TrackerTiers): TrackerTiers {
  return tiers.map((tier) => tier.filter((url) => !isForBrowsers(url)))
}

function browserTiers(tiers: TrackerTiers): TrackerTiers {
  return tiers.map((tier) => tier.filter(isForBrowsers))
}

function tierNumbers(tiers: TrackerTiers): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  let number = 0
  for (const tier of tiers) {
    for (const url of tier) if (!numbers.has(url)) numbers.set(url, number)
    if (tier.length > 0) number += 1
  }
  return numbers
}
