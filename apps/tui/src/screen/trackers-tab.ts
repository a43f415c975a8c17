/** The trackers: what they said, and which there are. */
import type { TrackerDetail } from '@pigeon/control/contract'
import { formatDuration } from '@pigeon/control/units'
import { fitToCells } from './cells.ts'
import type { DetailTab, Shown } from './detail-view.ts'
import { Form } from './form.ts'
import type { Action } from './keymap.ts'
import type { MousePress } from './keys.ts'
import { labelled } from './labelled.ts'
import { type Line, type Role, type Size, span, spanLine, textLine } from './lines.ts'
import { RowCursor } from './row-cursor.ts'
import { STRINGS } from './strings.ts'
import type { Host } from './view.ts'

const WORDS = STRINGS.trackers
const STATE_CELLS = 11

export class TrackersTab implements DetailTab {
  readonly #host: Host
  readonly #cursor = new RowCursor()
  /** Of each line shown, the tracker that it is about. */
  #atLine: readonly number[] = []

  constructor(host: Host) {
    this.#host = host
  }

  lines({ detail }: Shown, { width, height }: Size): readonly Line[] {
    const { trackers } = detail
    if (trackers.length === 0) return [textLine(WORDS.none, width, 'dim')]
    const room = Math.max(1, height)
    // Each takes up to three lines or so: no more than fit are made.
    const [from, to] = this.#cursor.fit(trackers.length, Math.max(1, Math.floor(room / 2)))
    const blocks = trackers
      .slice(from, to)
      .map((tracker, offset) => this.#trackerLines(tracker, from + offset, width))
    this.#atLine = blocks.flatMap((lines, offset) => lines.map(() => from + offset))
    return blocks.flat().slice(0, room)
  }

  onAction(action: Action, shown: Shown): boolean {
    if (this.#cursor.onAction(action)) return true
    const current = shown.detail.trackers[this.#cursor.index]
    if (action === 'add-to-tab') this.#ask(shown, WORDS.add, null)
    else if (action === 'edit-in-tab' && current !== undefined)
      this.#ask(shown, WORDS.edit, current)
    else if (action === 'remove-from-tab' && current !== undefined) this.#askRemove(shown, current)
    else return false
    return true
  }

  onMouse(mouse: MousePress): void {
    if (mouse.kind !== 'click') this.#cursor.onMouse(mouse)
    else this.#cursor.moveTo(this.#atLine[mouse.row] ?? this.#cursor.index)
  }

  hints(): readonly Action[] {
    return ['add-to-tab', 'edit-in-tab', 'remove-from-tab', 'reannounce']
  }

  #trackerLines(tracker: TrackerDetail, index: number, width: number): readonly Line[] {
    const isCursor = index === this.#cursor.index
    const about = aboutOf(tracker)
    return [
      spanLine(
        [
          span(isCursor ? '▌' : ' ', 'key'),
          span(fitToCells(tracker.state, STATE_CELLS), ROLES[tracker.state]),
          span(`${tracker.tier + 1}. ${tracker.url}`),
        ],
        width,
        isCursor,
      ),
      ...(about === ''
        ? []
        : labelled('', about, STATE_CELLS, width, tracker.state === 'failing' ? 'bad' : 'dim')),
    ]
  }

  #ask(shown: Shown, title: string, old: TrackerDetail | null): void {
    this.#host.open(
      new Form(this.#host, {
        title,
        fields: [
          {
            kind: 'text',
            name: 'url',
            label: WORDS.address,
            initial: old?.url ?? '',
            hint: WORDS.hint,
          },
          {
            kind: 'text',
            name: 'tier',
            label: WORDS.tier,
            initial: String((old?.tier ?? nextTier(shown)) + 1),
          },
        ],
        onSubmit: async (answers) => {
          const url = answers.text('url')
          if (url === '') return WORDS.noAddress
          const tier = Math.max(1, Math.round(Number(answers.text('tier')) || 1)) - 1
          return this.#set(shown, [...othersOf(shown, old), { url, tier }])
        },
      }),
    )
  }

  #askRemove(shown: Shown, tracker: TrackerDetail): void {
    this.#host.open(
      new Form(this.#host, {
        title: WORDS.remove,
        intro: [tracker.url],
        fields: [{ kind: 'switch', name: 'yes', label: WORDS.removeSure, initial: false }],
        onSubmit: async (answers) =>
          answers.isOn('yes') ? this.#set(shown, othersOf(shown, tracker)) : null,
      }),
    )
  }

  async #set(shown: Shown, trackers: readonly Pick<TrackerDetail, 'url' | 'tier'>[]) {
    const byTier = new Map<number, string[]>()
    for (const { url, tier } of trackers) byTier.set(tier, [...(byTier.get(tier) ?? []), url])
    const tiers = [...byTier].toSorted(([one], [other]) => one - other).map(([, urls]) => urls)
    const command = { do: 'set-trackers', id: shown.torrent.id, tiers } as const
    const result = await this.#host.run(command, STRINGS.done.trackers)
    return result.ok ? null : result.problem
  }
}

function othersOf({ detail }: Shown, old: TrackerDetail | null): readonly TrackerDetail[] {
  return detail.trackers.filter(({ url, tier }) => url !== old?.url || tier !== old.tier)
}

function nextTier({ detail }: Shown): number {
  return Math.max(-1, ...detail.trackers.map(({ tier }) => tier)) + 1
}

function aboutOf(tracker: TrackerDetail): string {
  const { seeds, leechers, nextAnnounceInMs } = tracker
  return [
    ...(tracker.message === '' ? [] : [tracker.message]),
    ...(seeds === null && leechers === null ? [] : [WORDS.swarm(seeds ?? 0, leechers ?? 0)]),
    ...(nextAnnounceInMs === null ? [] : [WORDS.again(formatDuration(nextAnnounceInMs))]),
  ].join('; ')
}

const ROLES: Readonly<Record<TrackerDetail['state'], Role>> = {
  idle: 'dim',
  announcing: 'busy',
  working: 'good',
  failing: 'bad',
  disabled: 'dim',
}
