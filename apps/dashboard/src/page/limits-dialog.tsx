/** The limits and seeding goals of some torrents. What differs among them stays as it is unless it is touched. */
import type { TorrentLimits } from '@pigeon/control/contract'
import { useId, useState } from 'react'
import { torrentsOf } from './actions.ts'
import { FormFoot, FormProblem, Modal } from './modal.tsx'
import {
  EMPTY_LIMITS,
  formOfLimits,
  type LimitsForm,
  limitsOf,
  type NumberKey,
} from './limits-form.ts'
import { closeDialog } from './store.ts'
import { strings } from './strings.ts'
import { onSubmit, useForm } from './use-form.ts'

export function LimitsDialog({ ids }: { ids: readonly string[] }) {
  const { limits: words } = strings
  const [before] = useState(() => torrentsOf(ids).map((torrent) => torrent.limits))
  const isMixed = before.some((each) => JSON.stringify(each) !== JSON.stringify(before[0]))
  const [fields, setFields] = useState<LimitsForm>(() =>
    isMixed || before[0] === undefined ? EMPTY_LIMITS : formOfLimits(before[0]),
  )
  const form = useForm()
  const change = (some: Partial<LimitsForm>): void => {
    form.setFailure(null)
    setFields({ ...fields, ...some })
  }
  const submit = async (): Promise<void> => {
    const read = limitsOf(fields)
    if ('wrong' in read) {
      form.setFailure({ message: words.wrong(labelOf(read.wrong)), help: '' })
      return
    }
    const result = await form.send({ do: 'set-limits', ids: [...ids], limits: read.limits })
    if (result?.ok === true) closeDialog()
  }
  return (
    <Modal
      title={ids.length > 1 ? words.titleMany(ids.length) : words.title}
      {...(isMixed ? { lead: words.mixed } : {})}
      onClose={closeDialog}
    >
      <form className="form" noValidate onSubmit={onSubmit(() => void submit())}>
        <div className="field-pair">
          <AmountField name="down" unit={words.unit} fields={fields} onChange={change} />
          <AmountField name="up" unit={words.unit} fields={fields} onChange={change} />
        </div>
        <div className="field-pair">
          <AmountField name="maxPeers" unit="" fields={fields} onChange={change} />
          <PriorityField fields={fields} onChange={change} />
        </div>
        <label className="tick">
          <input
            ref={(box) => {
              if (box !== null) box.indeterminate = fields.ignoresSession === null
            }}
            type="checkbox"
            checked={fields.ignoresSession === true}
            onChange={(event) => change({ ignoresSession: event.target.checked })}
          />
          <span>{words.ignores}</span>
        </label>
        <h3 className="form-part">{words.goals}</h3>
        <GoalField name="ratio" unit="" fields={fields} onChange={change} />
        <GoalField name="seedMs" unit={words.minutes} fields={fields} onChange={change} />
        <GoalField name="idleMs" unit={words.minutes} fields={fields} onChange={change} />
        {form.failure !== null && <FormProblem {...form.failure} />}
        <FormFoot submit={strings.save} isBusy={form.isBusy} onCancel={closeDialog} />
      </form>
    </Modal>
  )
}

interface FieldProps<Name extends NumberKey = NumberKey> {
  readonly name: Name
  readonly unit: string
  readonly fields: LimitsForm
  readonly onChange: (some: Partial<LimitsForm>) => void
}

function labelOf(name: NumberKey): string {
  const { limits: words } = strings
  return {
    down: words.down,
    up: words.up,
    maxPeers: words.maxPeers,
    ratio: words.ratio,
    seedMs: words.seedTime,
    idleMs: words.idleTime,
  }[name]
}

/** A number with its way: no limit, this one, or as it is. */
function AmountField({ name, unit, fields, onChange }: FieldProps) {
  const id = useId()
  const { limits: words } = strings
  const field = fields[name]
  return (
    <div className="amount">
      <label className="field-label" htmlFor={id}>
        {labelOf(name)}
      </label>
      <div className="field-line">
        <select
          id={id}
          className="select"
          value={field.way}
          onChange={(event) => {
            const way = (['keep', 'none', 'at'] as const).find(
              (each) => each === event.target.value,
            )
            if (way !== undefined) onChange({ [name]: { ...field, way } })
          }}
        >
          {field.way === 'keep' && <option value="keep">{words.keep}</option>}
          <option value="none">{name === 'maxPeers' ? words.bySession : words.unlimited}</option>
          <option value="at">{words.at}</option>
        </select>
        {field.way === 'at' && (
          <AmountInput name={name} unit={unit} fields={fields} onChange={onChange} />
        )}
      </div>
    </div>
  )
}

function AmountInput({ name, unit, fields, onChange }: FieldProps) {
  const field = fields[name]
  return (
    <>
      <input
        className="input input-number"
        inputMode="decimal"
        aria-label={`${labelOf(name)}${unit === '' ? '' : ` (${unit})`}`}
        value={field.text}
        autoComplete="off"
        onChange={(event) => onChange({ [name]: { ...field, text: event.target.value } })}
      />
      {unit !== '' && <span className="unit">{unit}</span>}
    </>
  )
}

function GoalField({ name, unit, fields, onChange }: FieldProps) {
  const id = useId()
  const { limits: words } = strings
  const field = fields[name]
  return (
    <div className="goal-line">
      <label className="goal-label" htmlFor={id}>
        {labelOf(name)}
      </label>
      <div className="field-line">
        <select
          id={id}
          className="select"
          value={field.way}
          onChange={(event) => {
            const way = (['keep', 'none', 'never', 'at'] as const).find(
              (each) => each === event.target.value,
            )
            if (way !== undefined) onChange({ [name]: { ...field, way } })
          }}
        >
          {field.way === 'keep' && <option value="keep">{words.keep}</option>}
          <option value="none">{words.inherit}</option>
          <option value="never">{words.never}</option>
          <option value="at">{words.at}</option>
        </select>
        {field.way === 'at' && (
          <AmountInput name={name} unit={unit} fields={fields} onChange={onChange} />
        )}
      </div>
    </div>
  )
}

const PRIORITIES: readonly TorrentLimits['priority'][] = ['low', 'normal', 'high']

function PriorityField({ fields, onChange }: Omit<FieldProps, 'name' | 'unit'>) {
  const id = useId()
  const { limits: words } = strings
  return (
    <div className="amount">
      <label className="field-label" htmlFor={id}>
        {words.priority}
      </label>
      <select
        id={id}
        className="select"
        value={fields.priority ?? ''}
        onChange={(event) =>
          onChange({ priority: PRIORITIES.find((each) => each === event.target.value) ?? null })
        }
      >
        {fields.priority === null && <option value="">{words.keep}</option>}
        {PRIORITIES.map((each) => (
          <option key={each} value={each}>
            {words.priorities[each]}
          </option>
        ))}
      </select>
    </div>
  )
}
