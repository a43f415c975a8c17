/**
 * What the world did to us, as values: a full disk, a refused connection, a port in use. `code` is stable, `message`
 * says what was wrong and where, `help` what to do about it. All three are ours and safe to show.
 */
export interface IoProblem {
  readonly kind: 'io-problem'
  readonly code:
    | 'disk-full'
    | 'no-permission'
    | 'not-found'
    | 'not-a-folder'
    | 'would-overwrite'
    | 'outside-folder'
    | 'through-link'
    | 'read-only'
    | 'too-many-files'
    | 'disk-error'
    | 'address-in-use'
    | 'address-unavailable'
    | 'refused'
    | 'unreachable'
    | 'timed-out'
    | 'reset'
    | 'name-not-found'
    | 'tls'
    | 'bad-answer'
    | 'answer-too-long'
    | 'not-allowed'
    | 'closed'
  readonly message: string
  readonly help: string
}

/** Our caller asked for something that cannot be done now. A value, never thrown. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly code:
    | 'already-added'
    | 'unknown-torrent'
    | 'unknown-category'
    | 'name-taken'
    | 'too-many'
    | 'bad-torrent'
    | 'bad-magnet'
    | 'bad-url'
    | 'bad-path'
    | 'bad-value'
    | 'metadata-unknown'
    | 'busy'
    | 'failed'
  readonly message: string
  readonly help: string
}

export function isIoProblem(value: unknown): value is IoProblem {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'io-problem'
  )
}

export function ioProblem(code: IoProblem['code'], message: string, help: string): IoProblem {
  return { kind: 'io-problem', code, message, help }
}

export function refusal(code: Refusal['code'], message: string, help: string): Refusal {
  return { kind: 'refusal', code, message, help }
}

/** A problem or a refusal, as it is told to whoever asked. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly help: string
}
