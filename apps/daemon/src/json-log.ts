/** The daemon's log: one JSON object a line, no secret in it, and no foreign text that was not made fit to show. */
import type { LogPort } from '@pigeon/engine/ports'
import { toDisplay } from '@pigeon/protocol/display'
import { pino, stdTimeFunctions, destination } from 'pino'

export type LogLevel = Parameters<LogPort['write']>[0]

/** Of a stack; it has no foreign text but may be long. */
const STACK_CHARACTERS = 4096

export interface JsonLog extends LogPort {
  /** From now on only what is at least as grave is written. */
  setLevel(level: LogLevel): void
  /** A bug: something threw that never should. */
  bug(event: string, error: unknown): void
}

/** Writes to a file, or to standard output. Each line is handed to the system before `write` returns. */
export function openJsonLog(
  level: LogLevel,
  file?: string,
  onLine: (level: LogLevel) => void = () => {},
): JsonLog {
  const target = destination({ dest: file ?? 1, sync: true, append: true, mkdir: true })
  // Whoever read our output may be gone; that is no reason to stop.
  target.on('error', () => {})
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      messageKey: 'event',
      formatters: { level: (label) => ({ level: label }) },
      redact: ['token', 'authorization', 'cookie', 'ticket'],
    },
    target,
  )
  const write: LogPort['write'] = (at, event, fields) => {
    if (!logger.isLevelEnabled(at)) return
    onLine(at)
    logger[at](shown(fields), toDisplay(event))
  }
  return {
    write,
    setLevel: (next) => {
      logger.level = next
    },
    bug: (event, error) => {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
      onLine('error')
      logger.error({ error: toDisplay(stack, STACK_CHARACTERS) }, toDisplay(event))
    },
  }
}

type Fields = Parameters<LogPort['write']>[2]

function shown(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      toDisplay(key),
      typeof value === 'string' ? toDisplay(value) : value,
    ]),
  )
}
