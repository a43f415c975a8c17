/** How every command of `pigeon` ends; documented in the README and in `pigeon --help`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  /** Wrong usage, or an input (torrent, magnet, path) that is refused. */
  usage: 2,
  config: 3,
  addressInUse: 4,
  alreadyRunning: 5,
  disk: 6,
  /** Ended before the download was whole. */
  unfinished: 7,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
