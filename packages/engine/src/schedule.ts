/**
 * When the alternative limits are on by themselves: minutes of weekdays, in the node's own time zone. Pure.
 */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export interface Schedule {
  readonly days: Weekday[]
  /** Minutes after midnight. Where the end is not after the start, it is on the next day. */
  readonly fromMinute: number
  readonly toMinute: number
}

/** What the clock on the wall shows. */
export interface LocalTime {
  readonly weekday: Weekday
  /** Minutes after midnight, 0 to 1439. */
  readonly minute: number
}

/** Whether a moment lies within the schedule. */
export function isScheduled(schedule: Schedule, { weekday, minute }: LocalTime): boolean {
  const { days, fromMinute, toMinute } = schedule
  const isToday = days.includes(weekday)
  if (fromMinute < toMinute) return isToday && minute >= fromMinute && minute < toMinute
  if (isToday && minute >= fromMinute) return true
  return days.includes(dayBefore(weekday)) && minute < toMinute
}

function dayBefore(weekday: Weekday): Weekday {
  return WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 6) % 7] ?? weekday
}
