/** Nodes for laboratories: in a folder of their own, with settings of the test alone. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openNode, type RunningNode } from '../open-node.ts'
import { loadSettings } from '../settings.ts'
import { expectOk } from './sample-torrent.ts'

export async function openLabNode(
  folder: string,
  name: string,
  flags: Readonly<Record<string, unknown>>,
): Promise<RunningNode> {
  const loaded = loadSettings({
    client: 'pigeond',
    env: {},
    flags: { state: join(folder, `${name}-state`), downloads: join(folder, name), ...flags },
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { settings } = loaded
  return expectOk(await openNode({ client: 'pigeond', clientName: name, settings }))
}

export interface Left {
  /** Through the interface "out" of `one-way-out.sh`. */
  readonly packets: number
  /** Sent by UDP at all. */
  readonly datagrams: number
}

export function leftSoFar(): Left {
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((text) => text.trim().startsWith('out:'))
  const udp = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((text) => text.startsWith('Udp:'))[1]
  return { packets: Number(line?.trim().split(/\s+/)[10]), datagrams: Number(udp?.split(' ')[4]) }
}

export function leftSince(before: Left): Left {
  const now = leftSoFar()
  return {
    packets: now.packets - before.packets,
    datagrams: now.datagrams - before.datagrams,
  }
}

export async function until(isDone: () => boolean, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs
  while (!isDone() && performance.now() < endMs) await delay(50)
  return isDone()
}
