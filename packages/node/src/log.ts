import type { LogPort } from '@pigeon/engine/ports'

export type LogLevel = Parameters<LogPort['write']>[0]
export type LogFields = Parameters<LogPort['write']>[2]

export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** Passes on what is at least as grave as `level`. */
export function createLogPort(
  level: LogLevel,
  sink: (level: LogLevel, event: string, fields: LogFields) => void,
): LogPort {
  const least = LOG_LEVELS.indexOf(level)
  return {
    write(at, event, fields) {
      if (LOG_LEVELS.indexOf(at) >= least) sink(at, event, fields)
    },
  }
}

/** One JSON object a line. Controls in a text are escaped by JSON, so one event is always one line. */
export function jsonLine(atMs: number, level: LogLevel, event: string, fields: LogFields): string {
  return `${JSON.stringify({ time: new Date(atMs).toISOString(), level, event, ...fields })}\n`
}
