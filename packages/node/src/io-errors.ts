import { type IoProblem, ioProblem } from '@pigeon/engine/problem'

/**
 * Turns what the system threw into a problem: its stable code, what was being done (`doing` begins in lower case, such
 * as "write /a/b"), and what helps. Knows no error that it would throw on: an unknown one is a `disk-error` or, for
 * the network, `unreachable`.
 */
export function diskProblem(error: unknown, doing: string): IoProblem {
  const errno = errnoOf(error)
  const row = DISK[errno] ?? DISK_OTHER
  return ioProblem(row.code, `cannot ${doing}: ${row.says} (${errno})`, row.help)
}

export function networkProblem(error: unknown, doing: string): IoProblem {
  const errno = errnoOf(error)
  const row = NETWORK[errno] ?? NETWORK_OTHER
  return ioProblem(row.code, `cannot ${doing}: ${row.says} (${errno})`, row.help)
}

/** The system's name of an error, such as `ENOSPC`; `unknown` where it has none. */
export function errnoOf(error: unknown): string {
  if (typeof error === 'string') return error
  if (typeof error === 'object' && error !== null && 'code' in error) {
    if (typeof error.code === 'string') return error.code
  }
  return 'unknown'
}

interface Row {
  readonly code: IoProblem['code']
  readonly says: string
  readonly help: string
}

const FULL: Row = {
  code: 'disk-full',
  says: 'the disk is full',
  help: 'Free some space there, or move the torrent to another folder.',
}

const FORBIDDEN: Row = {
  code: 'no-permission',
  says: 'the system does not allow it',
  help: 'Check who owns the file or folder and whether it may be written.',
}

const DESCRIPTORS: Row = {
  code: 'too-many-files',
  says: 'too many files are open',
  help: 'Raise the limit of open files (ulimit -n), or lower the number of peers.',
}

const DISK_OTHER: Row = {
  code: 'disk-error',
  says: 'the disk or file system failed',
  help: 'Check the disk and the system log, then recheck the torrent.',
}

const DISK: Readonly<Record<string, Row>> = {
  ENOSPC: FULL,
  EDQUOT: { ...FULL, says: 'your quota of disk space is used up' },
  EFBIG: {
    code: 'disk-error',
    says: 'the file would be larger than the system allows',
    help: 'Choose a folder on a file system that holds files of this size.',
  },
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: {
    code: 'read-only',
    says: 'the file system is read-only',
    help: 'Choose another folder, or mount it so that it can be written.',
  },
  EMFILE: DESCRIPTORS,
  ENFILE: DESCRIPTORS,
  ENOENT: {
    code: 'not-found',
    says: 'it is not there',
    help: 'Put it back, or choose the folder where it is now.',
  },
  ENOTDIR: {
    code: 'not-a-folder',
    says: 'a file stands where a folder is needed',
    help: 'Move that file away, or choose another folder.',
  },
  EISDIR: {
    code: 'would-overwrite',
    says: 'a folder stands where a file is needed',
    help: 'Move that folder away, or choose another folder.',
  },
  EEXIST: {
    code: 'would-overwrite',
    says: 'something with that name is already there',
    help: 'Move it away, or choose another folder.',
  },
  ELOOP: {
    code: 'through-link',
    says: 'a symbolic link is in the way, and links are not followed',
    help: 'Remove the link, or choose the folder that it points to.',
  },
  'worker-died': {
    code: 'disk-error',
    says: 'the thread that was to do it died',
    help: 'Resume the torrent: another thread was started. If it happens again, look at the log.',
  },
  ENAMETOOLONG: {
    code: 'disk-error',
    says: 'the path is longer than the system allows',
    help: 'Choose a folder with a shorter path.',
  },
}

const NETWORK_OTHER: Row = {
  code: 'unreachable',
  says: 'the network failed',
  help: 'Check the connection.',
}

const NETWORK: Readonly<Record<string, Row>> = {
  EADDRINUSE: {
    code: 'address-in-use',
    says: 'another program uses that address and port',
    help: 'Stop the other program, or choose another port (0 lets the system choose).',
  },
  EADDRNOTAVAIL: {
    code: 'address-unavailable',
    says: 'this machine has no such address',
    help: 'Use an address of this machine.',
  },
  EAFNOSUPPORT: {
    code: 'address-unavailable',
    says: 'this machine does not have this kind of address',
    help: 'Use an address of another family.',
  },
  EINVAL: {
    code: 'address-unavailable',
    says: 'the address cannot be used for this',
    help: 'Use an address of this machine.',
  },
  ERR_SOCKET_BAD_PORT: {
    code: 'address-unavailable',
    says: 'ports go from 0 to 65535',
    help: 'Choose a port in that range (0 lets the system choose).',
  },
  EACCES: {
    code: 'no-permission',
    says: 'the system does not allow it',
    help: 'Use a port above 1023.',
  },
  EPERM: {
    code: 'no-permission',
    says: 'the system does not allow it',
    help: 'Check the firewall.',
  },
  ECONNREFUSED: {
    code: 'refused',
    says: 'nothing accepts connections there',
    help: 'Check the address and port.',
  },
  ETIMEDOUT: { code: 'timed-out', says: 'no answer came', help: 'Try again later.' },
  ECONNRESET: { code: 'reset', says: 'the other side broke the connection', help: 'Try again.' },
  EPIPE: { code: 'reset', says: 'the other side closed the connection', help: 'Try again.' },
  ECONNABORTED: { code: 'reset', says: 'the connection was broken', help: 'Try again.' },
  ENOTFOUND: {
    code: 'name-not-found',
    says: 'the name has no address',
    help: 'Check the spelling and the connection.',
  },
  EMFILE: DESCRIPTORS,
  ENFILE: DESCRIPTORS,
}
