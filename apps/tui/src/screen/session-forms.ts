/** What the screen asks about the node as a whole: limits and their schedule, what to share, jobs to break off. */
import type { Command, Problem, Schedule, SessionSummary } from '@pigeon/control/contract'
import { WEEKDAYS } from '@pigeon/engine/schedule'
import { formatBytes } from '@pigeon/control/units'
import { isProblem, readAmount, typedDuration, typedGoal, typedRate } from './amounts.ts'
import { completeFolder } from './complete-folder.ts'
import { type Answers, type Field, Form } from './form.ts'
import { Menu } from './menu.ts'
import { STRINGS } from './strings.ts'
import { categoryField, tagsOf } from './torrent-forms.ts'
import type { Host } from './view.ts'
import { pathOf } from './what-to-add.ts'

const WORDS = STRINGS.form
type SessionCommand = Extract<Command, { do: 'set-session' }>

function text(name: string, label: string, initial: string, hint: string): Field {
  return { kind: 'text', name, label, initial, hint }
}

export function openSessionLimits(host: Host): void {
  const { session } = host.store
  if (session === null) return
  const shadowed = session.configured.length === 0 ? [] : [STRINGS.session.configured]
  host.open(
    new Form(host, {
      title: STRINGS.session.title,
      intro: shadowed,
      fields: sessionFields(session),
      onSubmit: async (answers) => {
        const command = sessionCommand(answers)
        if (isProblem(command)) return command
        const result = await host.run(command, STRINGS.done.limits)
        return result.ok ? null : result.problem
      },
    }),
  )
}

function sessionFields(session: SessionSummary): readonly Field[] {
  const { alternative } = session
  return [
    text('down', WORDS.down, typedRate(session.downLimit), WORDS.rateHint),
    text('up', WORDS.up, typedRate(session.upLimit), WORDS.rateHint),
    text('altDown', STRINGS.session.altDown, typedRate(alternative.down), WORDS.rateHint),
    text('altUp', STRINGS.session.altUp, typedRate(alternative.up), WORDS.rateHint),
    { kind: 'switch', name: 'altOn', label: STRINGS.session.altOn, initial: alternative.isOn },
    text(
      'schedule',
      STRINGS.session.schedule,
      typedSchedule(alternative.schedule),
      STRINGS.session.scheduleHint,
    ),
    text('ratio', WORDS.ratioGoal, typedGoal(session.ratioGoal), STRINGS.session.noGoal),
    text('seedMs', WORDS.seedGoal, typedDuration(session.seedMsGoal), STRINGS.session.noGoal),
    text('maxActive', STRINGS.session.maxActive, String(session.maxActive), ''),
    text('maxPeers', STRINGS.session.maxPeers, String(session.maxPeers), ''),
  ]
}

function sessionCommand(answers: Answers): SessionCommand | Problem {
  const { session } = STRINGS
  const downLimit = readAmount('rate', answers.text('down'), WORDS.down)
  if (isProblem(downLimit)) return downLimit
  const upLimit = readAmount('rate', answers.text('up'), WORDS.up)
  if (isProblem(upLimit)) return upLimit
  const altDownLimit = readAmount('rate', answers.text('altDown'), session.altDown)
  if (isProblem(altDownLimit)) return altDownLimit
  const altUpLimit = readAmount('rate', answers.text('altUp'), session.altUp)
  if (isProblem(altUpLimit)) return altUpLimit
  const altSchedule = readSchedule(answers.text('schedule'))
  if (isProblem(altSchedule)) return altSchedule
  const ratioGoal = readAmount('number', answers.text('ratio'), WORDS.ratioGoal)
  if (isProblem(ratioGoal)) return ratioGoal
  const seedMsGoal = readAmount('duration', answers.text('seedMs'), WORDS.seedGoal)
  if (isProblem(seedMsGoal)) return seedMsGoal
  const maxActive = readAmount('number', answers.text('maxActive'), session.maxActive)
  if (isProblem(maxActive)) return maxActive
  const maxPeers = readAmount('number', answers.text('maxPeers'), session.maxPeers)
  if (isProblem(maxPeers)) return maxPeers
  return {
    do: 'set-session',
    ...{ downLimit, upLimit, altDownLimit, altUpLimit, altSchedule, ratioGoal, seedMsGoal },
    isAlternativeOn: answers.isOn('altOn'),
    ...(maxActive === null ? {} : { maxActive }),
    ...(maxPeers === null ? {} : { maxPeers }),
  }
}

/** `mon-fri 08:00-18:30`, or `sat,sun 22:00-06:00`. */
export function typedSchedule(schedule: Schedule | null): string {
  if (schedule === null) return ''
  const days = WEEKDAYS.filter((day) => schedule.days.includes(day))
  const first = WEEKDAYS.indexOf(days[0] ?? 'mon')
  const isRow = days.length > 2 && days.every((day, index) => WEEKDAYS[first + index] === day)
  const shown = isRow ? `${days[0]}-${days.at(-1)}` : days.join(',')
  return `${shown} ${typedMinute(schedule.fromMinute)}-${typedMinute(schedule.toMinute)}`
}

export function readSchedule(typed: string): Schedule | null | Problem {
  if (typed === '') return null
  const found = /^([a-z,-]+) +(\d{1,2}:\d{2}) *- *(\d{1,2}:\d{2})$/i.exec(typed)
  const days = found === null ? [] : daysOf(found[1] ?? '')
  const fromMinute = minuteOf(found?.[2] ?? '')
  const toMinute = minuteOf(found?.[3] ?? '')
  if (days.length === 0 || fromMinute === null || toMinute === null)
    return STRINGS.session.badSchedule
  return { days, fromMinute, toMinute }
}

function daysOf(typed: string): Schedule['days'] {
  const days = new Set<Schedule['days'][number]>()
  for (const part of typed.toLowerCase().split(',')) {
    const [from = '', to = from] = part.split('-')
    const first = WEEKDAYS.findIndex((day) => day === from)
    const last = WEEKDAYS.findIndex((day) => day === to)
    if (first < 0 || last < 0) return []
    const count = ((last - first + WEEKDAYS.length) % WEEKDAYS.length) + 1
    for (let step = 0; step < count; step += 1) {
      const day = WEEKDAYS[(first + step) % WEEKDAYS.length]
      if (day !== undefined) days.add(day)
    }
  }
  return WEEKDAYS.filter((day) => days.has(day))
}

function minuteOf(typed: string): number | null {
  const [hour = Number.NaN, minute = Number.NaN] = typed.split(':').map(Number)
  return hour < 24 && minute < 60 ? hour * 60 + minute : null
}

function typedMinute(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

export function openShare(host: Host): void {
  host.open(
    new Form(host, {
      title: host.isRemote ? STRINGS.share.titleRemote : STRINGS.share.title,
      fields: [
        {
          kind: 'text',
          name: 'path',
          label: STRINGS.share.path,
          initial: '',
          hint: STRINGS.share.pathHint,
          complete: (typed) => completeFolder(host.control, typed, 'any'),
        },
        text('trackers', STRINGS.share.trackers, '', STRINGS.share.trackersHint),
        { kind: 'switch', name: 'private', label: STRINGS.share.private, initial: false },
        text('comment', STRINGS.share.comment, '', ''),
        categoryField(host),
        text('tags', WORDS.tags, '', WORDS.tagsHint),
      ],
      onSubmit: (answers) => {
        const typed = answers.text('path').replace(/(?<=.)\/$/, '')
        if (typed === '') return STRINGS.share.noPath
        const trackers = answers
          .text('trackers')
          .split(/[\s,]+/)
          .filter((url) => url !== '')
        const comment = answers.text('comment')
        const category = answers.text('category')
        const tags = tagsOf(answers.text('tags'))
        host.say(STRINGS.done.sharing)
        void host.run(
          {
            do: 'share',
            path: host.isRemote ? typed : pathOf(typed),
            ...(trackers.length === 0 ? {} : { trackers }),
            ...(answers.isOn('private') ? { isPrivate: true } : {}),
            ...(comment === '' ? {} : { comment }),
            ...(category === '' ? {} : { category }),
            ...(tags.length === 0 ? {} : { tags }),
          },
          STRINGS.done.shared,
        )
        return null
      },
    }),
  )
}

export function openCancelJob(host: Host): void {
  const jobs = host.store.session?.jobs ?? []
  if (jobs.length === 0) return host.say(STRINGS.done.noJob)
  host.open(
    new Menu(host, {
      title: STRINGS.share.cancel,
      hint: STRINGS.menus.chooseHint,
      rows: jobs.map(({ id, path, totalBytes }) => ({
        value: id,
        label: path,
        about: formatBytes(totalBytes),
      })),
      onChoose: (job) => void host.run({ do: 'cancel-job', job }, STRINGS.done.cancelled),
    }),
  )
}
