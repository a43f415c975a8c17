/** Which sockets the processes of a group hold, as the kernel lists them. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { parseStat } from '../bench/process-usage.ts'

/** TCP_LISTEN, in hex as `/proc/net/tcp` has it. */
const LISTENING = '0A'

export interface OpenSockets {
  readonly udp: number
  /** Local addresses of TCP sockets that listen, in the kernel's own hex. */
  readonly listening: readonly string[]
}

export function openSockets(group: number): OpenSockets {
  const inodes = new Set(pidsOf(group).flatMap(socketInodes))
  const rows = (table: string): readonly (readonly string[])[] =>
    read(`/proc/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9] ?? ''))
  const tcp = [...rows('tcp'), ...rows('tcp6')]
  return {
    udp: rows('udp').length + rows('udp6').length,
    listening: tcp.flatMap((fields) => (fields[3] === LISTENING ? [fields[1] ?? ''] : [])),
  }
}

function pidsOf(group: number): string[] {
  return readdirSync('/proc').filter((entry) => {
    const stat = /^[0-9]+$/.test(entry) ? read(`/proc/${entry}/stat`) : ''
    return stat !== '' && parseStat(stat).group === group
  })
}

function socketInodes(pid: string): string[] {
  const dir = `/proc/${pid}/fd`
  try {
    return readdirSync(dir).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`${dir}/${fd}`))?.[1]
      return inode === undefined ? [] : [inode]
    })
  } catch {
    // It ended between the listing and the reading.
    return []
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
