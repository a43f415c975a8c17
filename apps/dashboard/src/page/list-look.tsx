/** How the list looks: the height of its rows, and its columns. Shown over the list and in the settings. */
import { ToggleGroup } from 'radix-ui'
import { useId } from 'react'
import { COLUMN_KEYS, type ColumnKey } from './column-keys.ts'
import { IconButton } from './icon-button.tsx'
import { columnsThatFit } from './list-columns.ts'
import { DENSITIES } from './preferences.ts'
import { setPreferences, useStore } from './store.ts'
import { strings } from './strings.ts'

export function ListLook() {
  const { settings } = strings
  const id = useId()
  return (
    <div className="look">
      <h3 className="look-title" id={`${id}d`}>
        {settings.density}
      </h3>
      <DensityChoice labelledBy={`${id}d`} />
      <h3 className="look-title">{settings.columns}</h3>
      <ColumnChoice />
    </div>
  )
}

export function DensityChoice({ labelledBy }: { labelledBy: string }) {
  const density = useStore((state) => state.preferences.density)
  return (
    <ToggleGroup.Root
      type="single"
      className="choice"
      aria-labelledby={labelledBy}
      value={density}
      onValueChange={(value) => {
        const chosen = DENSITIES.find((each) => each === value)
        if (chosen !== undefined) setPreferences({ density: chosen })
      }}
    >
      {DENSITIES.map((each) => (
        <ToggleGroup.Item key={each} value={each} className="choice-item">
          {strings.settings.densities[each]}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}

/** The width that stands for "as at first" where the list itself is not there to be measured. */
const USUAL_PX = 1_040

export function ColumnChoice() {
  const columns = useStore((state) => state.preferences.columns)
  const { settings } = strings
  const shown = columns ?? columnsThatFit(USUAL_PX)
  const rest = COLUMN_KEYS.filter((key) => !shown.includes(key))
  const toggle = (key: ColumnKey): void =>
    setPreferences({
      columns: shown.includes(key) ? shown.filter((each) => each !== key) : [...shown, key],
    })
  const move = (key: ColumnKey, by: -1 | 1): void =>
    setPreferences({ columns: moved(shown, key, by) })
  return (
    <>
      <ul className="column-list">
        {[...shown, ...rest].map((key) => {
          const at = shown.indexOf(key)
          const name = strings.columns[key]
          return (
            <li key={key} className="column-item">
              <label className="tick">
                <input
                  type="checkbox"
                  checked={at !== -1}
                  disabled={key === 'name'}
                  onChange={() => toggle(key)}
                />
                <span>{name}</span>
              </label>
              {at > 1 && (
                <IconButton
                  icon="up"
                  label={settings.columnUp(name)}
                  onClick={() => move(key, -1)}
                />
              )}
              {at > 0 && at < shown.length - 1 && (
                <IconButton
                  icon="down"
                  label={settings.columnDown(name)}
                  onClick={() => move(key, 1)}
                />
              )}
            </li>
          )
        })}
      </ul>
      {columns !== null && (
        <button
          type="button"
          className="button button-small"
          onClick={() => setPreferences({ columns: null })}
        >
          {settings.columnsReset}
        </button>
      )}
    </>
  )
}

/** The name stays the first. */
export function moved(
  columns: readonly ColumnKey[],
  key: ColumnKey,
  by: -1 | 1,
): readonly ColumnKey[] {
  const at = columns.indexOf(key)
  const other = columns[at + by]
  if (at < 1 || other === undefined || other === 'name') return columns
  return columns.map((each, index) => (index === at ? other : index === at + by ? key : each))
}
