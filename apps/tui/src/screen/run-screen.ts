import type { ExitCode } from '../cli/exit-codes.ts'
export function runScreen(_flags: Readonly<Record<string, unknown>>, _signal: AbortSignal): Promise<ExitCode> {
  return Promise.resolve(1)
}
