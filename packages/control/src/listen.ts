/** Where a server listens: an address, a unix socket that only its owner may use, or what systemd opened for it. */
import { lstat, readFile, readlink, rm, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { toDisplay } from '@pigeon/protocol/display'
import type { Problem } from './contract.ts'
import { problem } from './problems.ts'

export type Listen =
  /** A numeric address; port 0 takes any that is free. */
  | { readonly host: string; readonly port: number }
  /** Of a unix socket. It gets the mode 0600: who may open it needs no token. */
  | { readonly path: string }
  /** A socket that listens already, as systemd hands it over. */
  | { readonly fd: number }

/** Listens, or says why that is not possible. */
export async function listen(server: Server, where: Listen): Promise<Problem | null> {
  const error =
    'path' in where ? await listenAtPath(server, where.path) : await begin(server, where)
  return error === null ? null : listenProblem(where, error)
}

/** Such as `127.0.0.1:9191`. */
function nameOf(where: Listen): string {
  if ('path' in where) return toDisplay(where.path, 4096)
  return 'fd' in where ? `file descriptor ${where.fd}` : `${bracketed(where.host)}:${where.port}`
}

/** Whether only its owner, and perhaps a group of the operator's choice, may open a unix socket. */
export async function isClosedToOthers(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  return found !== null && found.isSocket() && (found.mode & 0o007) === 0
}

/** The path of a unix socket that came as a descriptor; `null` where the system does not say. */
export async function pathOfSocket(fd: number): Promise<string | null> {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/self/fd/${fd}`))?.[1]
    const table = await readFile('/proc/self/net/unix', 'utf8')
    const row = table.split('\n').find((line) => line.split(/ +/, 7)[6] === inode)
    return /^(?:\S+ +){7}(\/.*)$/.exec(row ?? '')?.[1] ?? null
  } catch {
    return null
  }
}

export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** A socket that a program left behind when it died is taken away; one that answers is not. */
async function listenAtPath(server: Server, path: string): Promise<string | null> {
  const error = await begin(server, { path })
  if (error !== 'EADDRINUSE' || !(await isStaleSocket(path))) return error
  await rm(path, { force: true })
  return begin(server, { path })
}

function socketProblem(path: string, code: string): Problem {
  const isTaken = code === 'EADDRINUSE'
  return problem(
    isTaken ? 'address-in-use' : code === 'EACCES' ? 'no-permission' : 'address-unavailable',
    isTaken
      ? `At ${path} another program listens already, or lies a file that is no socket.`
      : `It is not possible to listen at ${path} (${code}).`,
    'Choose another path with --control-socket, in a folder that is yours.',
  )
}

/** Answers the code of what went wrong. */
function begin(server: Server, where: Listen): Promise<string | null> {
  return new Promise((resolve) => {
    const onError = (error: unknown): void => resolve(codeOf(error))
    server.once('error', onError)
    const onListening = (): void => {
      server.off('error', onError)
      resolve(null)
    }
    if (!('path' in where)) {
      server.listen(where, onListening)
      return
    }
    // The socket file is made within the call: nobody else may open it for a moment even.
    const mask = process.umask(0o177)
    server.listen(where, onListening)
    process.umask(mask)
  })
}

async function isStaleSocket(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null)
  if (found === null || !found.isSocket()) return false
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error) => resolve(codeOf(error) === 'ECONNREFUSED'))
  })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'failed'
}

function listenProblem(where: Listen, code: string): Problem {
  const address = nameOf(where)
  if ('path' in where) return socketProblem(address, code)
  if (code === 'EADDRINUSE') {
    return problem(
      'address-in-use',
      `Another program listens at ${address} already.`,
      'Stop it, or choose another place with --control-listen (port 0 takes any that is free).',
    )
  }
  if (code === 'EACCES') {
    return problem(
      'no-permission',
      `This user may not listen at ${address}.`,
      'Choose a port from 1024 on, or a folder that is yours, with --control-listen.',
    )
  }
  return problem(
    'address-unavailable',
    `It is not possible to listen at ${address} (${code}).`,
    'Choose an address of this machine with --control-listen.',
  )
}
