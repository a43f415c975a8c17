/** One part of the settings: its fields, and a button that is there as soon as something was changed. */
import type { Command } from '@pigeon/control/contract'
import { type ReactNode, useId, useState } from 'react'
import { FormProblem } from './modal.tsx'
import {
  NUMBER_SETTINGS,
  type NumberSetting,
  type NumberTexts,
  readSettings,
  textOfSetting,
} from './settings-numbers.ts'
import { tell, useStore } from './store.ts'
import { strings } from './strings.ts'
import { onSubmit, useForm } from './use-form.ts'

interface SectionProps {
  readonly id: string
  readonly title: string
  readonly lead?: string
  readonly children: ReactNode
}

export function Section({ id, title, lead, children }: SectionProps) {
  return (
    <section className="settings-part" id={id} aria-labelledby={`${id}-title`}>
      <h3 className="settings-title" id={`${id}-title`}>
        {title}
      </h3>
      {lead !== undefined && <p className="settings-lead">{lead}</p>}
      {children}
    </section>
  )
}

export interface NumberRow {
  readonly setting: NumberSetting
  readonly label: string
  readonly hint?: string
  readonly unit?: string
}

interface NumbersFormProps {
  readonly rows: readonly NumberRow[]
  /** Further changes that are saved with the numbers; `wrong` says why they cannot be. */
  readonly more?: MoreChanges
  readonly children?: ReactNode
}

export interface MoreChanges {
  readonly isChanged: boolean
  readonly wrong: string | null
  readonly fields: Partial<Extract<Command, { do: 'set-session' }>>
  readonly reset: () => void
}

export function NumbersForm({ rows, more, children }: NumbersFormProps) {
  const session = useStore((state) => state.feed.session)
  const [texts, setTexts] = useState<NumberTexts>({})
  const form = useForm()
  const { settings: words } = strings
  if (session === null) return <p className="settings-lead">{strings.loading}</p>
  const isChanged =
    more?.isChanged === true ||
    rows.some(({ setting }) => {
      const text = texts[setting]
      return text !== undefined && text !== textOfSetting(setting, session)
    })
  const submit = async (): Promise<void> => {
    const read = readSettings(
      texts,
      rows.map(({ setting }) => setting),
    )
    if ('wrong' in read) {
      const label = rows.find(({ setting }) => setting === read.wrong)?.label ?? ''
      const rule = read.most === null ? words.wrongNumber : words.wrongWhole(read.most)
      return form.setFailure({ message: `${label}: ${rule}`, help: '' })
    }
    if (more?.wrong != null) return form.setFailure({ message: more.wrong, help: '' })
    const result = await form.send({ ...read.command, ...more?.fields })
    if (result?.ok !== true) return
    setTexts({})
    more?.reset()
    tell('good', words.saved)
  }
  return (
    <form className="settings-form" noValidate onSubmit={onSubmit(() => void submit())}>
      {rows.map((row) => (
        <NumberField
          key={row.setting}
          row={row}
          isConfigured={session.configured.includes(row.setting)}
          value={texts[row.setting] ?? textOfSetting(row.setting, session)}
          onChange={(text) => {
            form.setFailure(null)
            setTexts({ ...texts, [row.setting]: text })
          }}
        />
      ))}
      {children}
      {form.failure !== null && <FormProblem {...form.failure} />}
      <SaveBar
        isShown={isChanged}
        isBusy={form.isBusy}
        onReset={() => {
          setTexts({})
          more?.reset()
        }}
      />
    </form>
  )
}

interface SaveBarProps {
  readonly isShown: boolean
  readonly isBusy: boolean
  readonly onReset: () => void
}

export function SaveBar({ isShown, isBusy, onReset }: SaveBarProps) {
  if (!isShown) return null
  return (
    <div className="settings-save">
      <button type="button" className="button" onClick={onReset}>
        {strings.cancel}
      </button>
      <button type="submit" className="button button-primary" aria-busy={isBusy}>
        {isBusy ? strings.saving : strings.save}
      </button>
    </div>
  )
}

interface NumberFieldProps {
  readonly row: NumberRow
  readonly isConfigured: boolean
  readonly value: string
  readonly onChange: (text: string) => void
}

function NumberField({ row, isConfigured, value, onChange }: NumberFieldProps) {
  const id = useId()
  const isWhole = NUMBER_SETTINGS[row.setting].most !== null
  return (
    <div className="setting">
      <div className="setting-words">
        <label htmlFor={id}>{row.label}</label>
        {row.hint !== undefined && (
          <p className="field-hint" id={`${id}h`}>
            {row.hint}
          </p>
        )}
        {isConfigured && <Configured />}
      </div>
      <div className="setting-value">
        <input
          id={id}
          className="input input-number"
          inputMode={isWhole ? 'numeric' : 'decimal'}
          autoComplete="off"
          aria-describedby={row.hint === undefined ? undefined : `${id}h`}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
        {row.unit !== undefined && <span className="unit">{row.unit}</span>}
      </div>
    </div>
  )
}

/** Whose change does not outlive a restart. */
export function Configured() {
  return <p className="configured">{strings.settings.configured}</p>
}
