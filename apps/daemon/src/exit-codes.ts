/** What pigeond tells whoever started it; the numbers are part of its interface. */
export const EXIT = {
  ok: 0,
  failure: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** A setting is wrong. */
  config: 3,
  /** The address of the control or of the peers is taken or not ours. */
  address: 4,
  /** Another process uses the state folder. */
  running: 5,
  /** A folder cannot be made, read or written. */
  disk: 6,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const BY_PROBLEM: ReadonlyMap<string, ExitCode> = new Map([
  ['address-in-use', EXIT.address],
  ['address-unavailable', EXIT.address],
  ['not-allowed', EXIT.running],
  ['disk-full', EXIT.disk],
  ['no-permission', EXIT.disk],
  ['read-only', EXIT.disk],
  ['not-a-folder', EXIT.disk],
  ['disk-error', EXIT.disk],
  ['too-many-files', EXIT.disk],
  ['no-token', EXIT.disk],
  ['bad-token', EXIT.config],
  ['bad-password-file', EXIT.config],
])

/** For a problem that keeps the daemon from starting. */
export function exitCodeOf(problem: { readonly code: string }): ExitCode {
  return BY_PROBLEM.get(problem.code) ?? EXIT.failure
}
