/** The alternative limits, and when the clock switches them. */
import type { Schedule } from '@pigeon/control/contract'
import { useId, useState } from 'react'
import { Configured, NumbersForm, Section } from './settings-form.tsx'
import { runAndTell, useStore } from './store.ts'
import { strings } from './strings.ts'
import { Tick } from './tick.tsx'

const DAYS: Schedule['days'] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const FIRST: Schedule = { days: [...DAYS], fromMinute: 8 * 60, toMinute: 22 * 60 }

export function AlternativeSection() {
  const session = useStore((state) => state.feed.session)
  const [draft, setDraft] = useState<Schedule | null | undefined>(undefined)
  const { settings: words } = strings
  if (session === null) return null
  const { alternative, configured } = session
  const schedule = draft === undefined ? alternative.schedule : draft
  return (
    <Section id="alternative" title={words.alternative} lead={words.altLead}>
      <Tick
        label={words.altOn}
        isOn={alternative.isOn}
        onChange={(isOn) => void runAndTell({ do: 'set-session', isAlternativeOn: isOn })}
      />
      <NumbersForm
        rows={[
          { setting: 'altDownLimit', label: words.down, unit: words.unit, hint: words.limitHint },
          { setting: 'altUpLimit', label: words.up, unit: words.unit },
        ]}
        more={{
          isChanged: draft !== undefined,
          wrong: schedule !== null && schedule.days.length === 0 ? words.noDays : null,
          fields: draft === undefined ? {} : { altSchedule: draft },
          reset: () => setDraft(undefined),
        }}
      >
        <Tick
          label={words.altSchedule}
          isOn={schedule !== null}
          onChange={(isOn) => setDraft(isOn ? FIRST : null)}
        />
        {configured.includes('altSchedule') && <Configured />}
        {schedule !== null && <ScheduleFields schedule={schedule} onChange={setDraft} />}
      </NumbersForm>
    </Section>
  )
}

interface ScheduleFieldsProps {
  readonly schedule: Schedule
  readonly onChange: (schedule: Schedule) => void
}

function ScheduleFields({ schedule, onChange }: ScheduleFieldsProps) {
  const { settings: words } = strings
  const id = useId()
  const toggle = (day: Schedule['days'][number]): void =>
    onChange({
      ...schedule,
      days: DAYS.filter((each) => schedule.days.includes(each) !== (each === day)),
    })
  const time = (label: string, minute: number, set: (minute: number) => void, key: string) => (
    <div className="time">
      <label htmlFor={`${id}${key}`}>{label}</label>
      <input
        id={`${id}${key}`}
        type="time"
        className="input"
        value={timeOf(minute)}
        onChange={(event) => {
          const read = minuteOf(event.target.value)
          if (read !== null) set(read)
        }}
      />
    </div>
  )
  return (
    <fieldset className="schedule">
      <legend className="hidden-label">{words.altSchedule}</legend>
      <div className="days" role="group" aria-label={words.daysLabel}>
        {DAYS.map((day) => (
          <button
            key={day}
            type="button"
            className="day"
            aria-pressed={schedule.days.includes(day)}
            onClick={() => toggle(day)}
          >
            {words.days[day]}
          </button>
        ))}
      </div>
      <div className="times">
        {time(
          words.from,
          schedule.fromMinute,
          (fromMinute) => onChange({ ...schedule, fromMinute }),
          'f',
        )}
        {time(words.to, schedule.toMinute, (toMinute) => onChange({ ...schedule, toMinute }), 't')}
      </div>
      <p className="field-hint">{words.timesHint}</p>
    </fieldset>
  )
}

export function timeOf(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

export function minuteOf(time: string): number | null {
  const match = /^(\d\d):(\d\d)/.exec(time)
  return match === null ? null : Number(match[1]) * 60 + Number(match[2])
}
