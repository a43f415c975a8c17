/**
 * `session-set`. What the node has is changed; everything else is refused in words, unless it is what is reported
 * anyway: clients with a settings window send all of it back.
 */
import { z } from 'zod'
import { defined } from '../compat/defined.ts'
import type { Command, Schedule, SessionSummary } from '../contract.ts'
import * as argument from './arguments.ts'
import { type JsonObject, SESSION_KEYS, toSnake } from './keys.ts'
import { DONE, method, type Outcome, outcomeOf, refuse } from './outcome.ts'
import { type Remembered, THE_SESSION } from './remembered.ts'
import { bitsOfDays, daysOfBits, sessionObject } from './session-get.ts'
import { BYTES_PER_KB, MS_PER_MINUTE } from './torrent-fields.ts'

const minuteOfDay = z.number().int().min(0).max(1_439)

const SETTABLE = {
  alt_speed_down: argument.speed,
  alt_speed_enabled: argument.flag,
  alt_speed_time_begin: minuteOfDay,
  alt_speed_time_day: z.number().int().min(0).max(127),
  alt_speed_time_enabled: argument.flag,
  alt_speed_time_end: minuteOfDay,
  alt_speed_up: argument.speed,
  dht_enabled: argument.flag,
  download_dir: argument.text,
  download_queue_size: z.number().int().min(1).max(10_000),
  encryption: z.enum(['required', 'preferred', 'tolerated', 'allowed']),
  idle_seeding_limit: argument.amount,
  idle_seeding_limit_enabled: argument.flag,
  lpd_enabled: argument.flag,
  peer_limit_global: z.number().int().min(1).max(10_000),
  peer_limit_per_torrent: z.number().int().min(1).max(1_000),
  pex_enabled: argument.flag,
  port_forwarding_enabled: argument.flag,
  seed_ratio_limit: argument.amount,
  seed_ratio_limited: argument.flag,
  speed_limit_down: argument.speed,
  speed_limit_down_enabled: argument.flag,
  speed_limit_up: argument.speed,
  speed_limit_up_enabled: argument.flag,
  start_added_torrents: argument.flag,
  utp_enabled: argument.flag,
} as const

/** What tolerates encryption only is plain here: there is nothing between. */
const POLICIES = {
  required: 'require',
  preferred: 'prefer',
  tolerated: 'off',
  allowed: 'off',
} as const

const settable = z.object(SETTABLE).partial().catchall(z.unknown())
type Asked = z.infer<typeof settable>
type SessionCommand = Extract<Command, { do: 'set-session' }>

export const sessionSet = method('full', settable, async (asked, call) => {
  const session = await call.world.list.session()
  if (session === null) return refuse('the node does not answer')
  if (asked.download_dir !== undefined && !asked.download_dir.startsWith('/')) {
    return refuse('download directory path is not absolute')
  }
  const schedule = scheduleAsked(asked, session.alternative.schedule, call.world.remembered)
  if (schedule?.days.length === 0) return refuse('alt-speed-time-day: no day is chosen')
  const command = commandOf(asked, session, schedule, call.world.remembered)
  const unable = unableTo(asked, sessionObject(session, call.world, call.dialect))
  // The node has no such setting; it holds for what is added through this API, while the process lives.
  call.world.remembered.startsAdded =
    asked.start_added_torrents ?? call.world.remembered.startsAdded
  const isEmpty = Object.values(command).every(
    (value) => value === undefined || value === 'set-session',
  )
  const outcome = isEmpty ? DONE : outcomeOf(await call.world.list.run(command))
  return outcome.ok ? unable : outcome
})

function commandOf(
  asked: Asked,
  session: SessionSummary,
  schedule: Schedule | null | undefined,
  remembered: Remembered,
): SessionCommand {
  const rate = (what: 'down' | 'up', now: number | null, value?: number, isOn?: boolean) =>
    times(
      BYTES_PER_KB,
      remembered.settle(THE_SESSION, what, perUnit(now, BYTES_PER_KB), { value, isOn }),
    )
  const idle = remembered.settle(THE_SESSION, 'idle', perUnit(session.idleMsGoal, MS_PER_MINUTE), {
    value: asked.idle_seeding_limit,
    isOn: asked.idle_seeding_limit_enabled,
  })
  return {
    do: 'set-session',
    ...defined({
      downLimit: rate(
        'down',
        session.downLimit,
        asked.speed_limit_down,
        asked.speed_limit_down_enabled,
      ),
      upLimit: rate('up', session.upLimit, asked.speed_limit_up, asked.speed_limit_up_enabled),
      maxActive: asked.download_queue_size,
      defaultFolder: asked.download_dir,
      maxPeers: asked.peer_limit_global,
      maxPeersPerTorrent: asked.peer_limit_per_torrent,
      ratioGoal: remembered.settle(THE_SESSION, 'ratio', session.ratioGoal, {
        value: asked.seed_ratio_limit,
        isOn: asked.seed_ratio_limited,
      }),
      idleMsGoal: times(MS_PER_MINUTE, idle),
      isAlternativeOn: asked.alt_speed_enabled,
      altDownLimit: times(BYTES_PER_KB, asked.alt_speed_down),
      altUpLimit: times(BYTES_PER_KB, asked.alt_speed_up),
      altSchedule: schedule,
      isDhtOn: asked.dht_enabled,
      isPexOn: asked.pex_enabled,
      isLsdOn: asked.lpd_enabled,
      isUtpOn: asked.utp_enabled,
      isPortMappingOn: asked.port_forwarding_enabled,
      encryption: asked.encryption === undefined ? undefined : POLICIES[asked.encryption],
    }),
  }
}

/** The schedule after this call; `undefined` when it stays as it is. */
function scheduleAsked(
  asked: Asked,
  now: Schedule | null,
  remembered: Remembered,
): Schedule | null | undefined {
  const begin = asked.alt_speed_time_begin
  const end = asked.alt_speed_time_end
  const day = asked.alt_speed_time_day
  const isOn = asked.alt_speed_time_enabled ?? now !== null
  const isChanged = begin ?? end ?? day ?? asked.alt_speed_time_enabled
  if (isChanged === undefined) return undefined
  if (now !== null) {
    remembered.set(THE_SESSION, 'begin', now.fromMinute)
    remembered.set(THE_SESSION, 'end', now.toMinute)
    remembered.set(THE_SESSION, 'day', bitsOfDays(now.days))
  }
  if (begin !== undefined) remembered.set(THE_SESSION, 'begin', begin)
  if (end !== undefined) remembered.set(THE_SESSION, 'end', end)
  if (day !== undefined) remembered.set(THE_SESSION, 'day', day)
  if (!isOn) return now === null ? undefined : null
  return {
    days: daysOfBits(remembered.get(THE_SESSION, 'day')),
    fromMinute: remembered.get(THE_SESSION, 'begin'),
    toMinute: remembered.get(THE_SESSION, 'end'),
  }
}

/** What was asked for, cannot be done, and is not so already. */
function unableTo(asked: Asked, reported: JsonObject): Outcome {
  const unable = Object.entries(asked).filter(([key, value]) => {
    const name = toSnake(key)
    if (name in SETTABLE || reported[name] === undefined) return false
    return JSON.stringify(value) !== JSON.stringify(reported[name])
  })
  if (unable.length === 0) return DONE
  const names = unable.map(([key]) => SESSION_KEYS.get(toSnake(key)) ?? toSnake(key))
  return refuse(`not changed, for it cannot be set here: ${names.join(', ')}`)
}

function perUnit(value: number | null, unit: number): number | null {
  return value === null ? null : Math.round(value / unit)
}

function times(unit: number, value: number | null | undefined): number | null | undefined {
  return typeof value === 'number' ? value * unit : value
}
