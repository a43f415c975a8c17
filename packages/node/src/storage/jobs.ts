/**
 * What the main thread asks of a storage worker, and what it answers. Bytes of pieces travel in shared memory, files as
 * descriptors (they belong to the whole process) or, for files that only this job reads, as paths.
 */
export type Job = CommitJob | ScanJob

/** Hash a piece in shared memory where `check` asks for it, and write it where the hash matched. */
export interface CommitJob {
  readonly kind: 'commit'
  readonly shared: SharedArrayBuffer
  readonly lengthBytes: number
  readonly check: Check | null
  readonly writes: readonly Write[]
}

/** Read runs one after the other and hash them; without `check`, answer the digest. */
export interface ScanJob {
  readonly kind: 'scan'
  readonly runs: readonly Run[]
  readonly algorithm: Check['algorithm']
  readonly digest: Uint8Array | null
}

export interface Check {
  readonly algorithm: 'sha1' | 'sha256'
  readonly digest: Uint8Array
}

export interface Write {
  readonly fd: number
  readonly fileOffset: number
  readonly pieceOffset: number
  readonly lengthBytes: number
}

export interface Run {
  /** A descriptor, a path of a regular file, or `null` for zeros. */
  readonly from: number | string | null
  readonly fileOffset: number
  readonly lengthBytes: number
}

export type JobResult =
  | { readonly kind: 'ok' }
  | { readonly kind: 'digest'; readonly digest: Uint8Array }
  | { readonly kind: 'mismatch' }
  /** A file is shorter than the run. */
  | { readonly kind: 'missing'; readonly index: number }
  /** `index` of the write or run that failed; -1 where none is to blame. */
  | { readonly kind: 'failed'; readonly errno: string; readonly index: number }

export interface NumberedJob {
  readonly id: number
  readonly job: Job
}

export interface NumberedResult {
  readonly id: number
  readonly result: JobResult
}
