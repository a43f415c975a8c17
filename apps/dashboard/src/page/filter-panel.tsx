/** The filter by choice: state, category, tag and tracker, each with how many there are. */
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react'
import { countList, type LabelCount } from './list-counts.ts'
import { countChoices, DEFAULT_VIEW, STATUS_FILTERS } from './list-view.ts'
import { setView, useView } from './navigation.ts'
import { useStore } from './store.ts'
import { strings } from './strings.ts'

/** As many are shown at once before the rest is asked for. */
const FEW = 8

export function FilterPanel() {
  // Counts may come a little later than the list itself.
  const torrents = useDeferredValue(useStore((state) => state.feed.torrents))
  const categories = useStore((state) => state.feed.session?.categories)
  const view = useView()
  const counts = useMemo(
    () => countList(torrents.values(), categories?.map(({ name }) => name) ?? []),
    [torrents, categories],
  )
  const { filter, statuses } = strings
  return (
    <>
      <FilterGroup title={filter.status}>
        {STATUS_FILTERS.map((status) => (
          <FilterItem
            key={status}
            words={statuses[status]}
            tone={status}
            count={counts.statuses.get(status) ?? 0}
            isOn={view.status === status}
            onPress={() => setView({ status: view.status === status ? 'all' : status })}
          />
        ))}
      </FilterGroup>
      <LabelGroup
        title={filter.categories}
        none={filter.noCategory}
        counts={counts.categories}
        chosen={view.category}
        onChoose={(category) => setView({ category })}
      />
      <LabelGroup
        title={filter.tags}
        none={filter.noTag}
        counts={counts.tags}
        chosen={view.tag}
        onChoose={(tag) => setView({ tag })}
      />
      <LabelGroup
        title={filter.trackers}
        none={filter.noTracker}
        counts={counts.trackers}
        chosen={view.tracker}
        onChoose={(tracker) => setView({ tracker })}
      />
      {countChoices(view) > 0 && (
        <button
          type="button"
          className="button button-small filter-reset"
          onClick={() => setView({ ...DEFAULT_VIEW, text: view.text, sort: view.sort })}
        >
          {filter.reset}
        </button>
      )}
    </>
  )
}

interface LabelGroupProps {
  readonly title: string
  readonly none: string
  readonly counts: readonly LabelCount[]
  readonly chosen: string | null
  readonly onChoose: (label: string | null) => void
}

function LabelGroup({ title, none, counts, chosen, onChoose }: LabelGroupProps) {
  const [isWhole, setWhole] = useState(false)
  // With nothing but "without", there is nothing to choose between.
  if (counts.every(({ label }) => label === '')) return null
  const shown = isWhole ? counts : counts.slice(0, FEW)
  const { filter } = strings
  return (
    <FilterGroup title={title}>
      {shown.map(({ label, count }) => (
        <FilterItem
          key={label}
          words={label === '' ? none : label}
          isSoft={label === ''}
          count={count}
          isOn={chosen === label}
          onPress={() => onChoose(chosen === label ? null : label)}
        />
      ))}
      {counts.length > FEW && (
        <li>
          <button type="button" className="filter-more" onClick={() => setWhole(!isWhole)}>
            {isWhole ? filter.fewer : filter.more(counts.length - FEW)}
          </button>
        </li>
      )}
    </FilterGroup>
  )
}

function FilterGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="filter-group" open>
      <summary className="filter-title">{title}</summary>
      <ul className="filter-items">{children}</ul>
    </details>
  )
}

interface FilterItemProps {
  readonly words: string
  readonly count: number
  readonly isOn: boolean
  readonly onPress: () => void
  readonly tone?: string
  readonly isSoft?: boolean
}

function FilterItem({ words, count, isOn, onPress, tone, isSoft = false }: FilterItemProps) {
  return (
    <li>
      <button
        type="button"
        className="filter-item"
        data-tone={tone}
        data-soft={isSoft}
        aria-pressed={isOn}
        onClick={onPress}
      >
        {tone !== undefined && <span className="state-dot" />}
        <span className="filter-words" dir="auto">
          {words}
        </span>
        <span className="filter-count">{strings.count(count)}</span>
      </button>
    </li>
  )
}
