/** A node of our own for a few questions to the DHT: it has no torrents, answers nobody, and leaves nothing behind. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Control, Problem } from '@pigeon/control/contract'
import type { DhtAnswer, DhtQuery, NetworkStatus } from '@pigeon/control/network'
import { isProblem, problem } from '@pigeon/control/problems'
import * as kinds from '@pigeon/node/network-kinds'
import type { NodeSettings } from '@pigeon/node/settings'
import { badValue } from './node-commands/values.ts'
import type { ExitCode } from './exit-codes.ts'
import { LateControl } from './late-control.ts'
import { readSettings, startNode } from './node-flags.ts'
import { printNote } from './output.ts'
import { CLIENT, VERSION } from './version.ts'
import { connectNode } from './which-node.ts'

type Flags = Readonly<Record<string, unknown>>

/** The node that is named, or runs here; one of our own where there is none, or where `--bootstrap` says so. */
export async function connectOrOpen(flags: Flags): Promise<Control | Problem | ExitCode> {
  const { bootstrap } = flags
  if (Array.isArray(bootstrap)) {
    const isNamed = flags['connect'] !== undefined || flags['profile'] !== undefined
    return isNamed ? NAMED_AND_OWN : openDhtNode(bootstrap.join(','))
  }
  const control = await connectNode(flags)
  const hasNone = isProblem(control) && control.code === 'no-node'
  return hasNone ? openDhtNode(null) : control
}

/** `bootstrap`: addresses with commas between; those of the configuration when `null`. */
function openDhtNode(bootstrap: string | null): Control | Problem | ExitCode {
  const servers = bootstrap === null ? null : kinds.servers.schema.safeParse(bootstrap)
  if (servers?.success === false) return badValue(bootstrap ?? '', kinds.servers.expected)
  const own = readSettings({})
  if (typeof own === 'number') return own
  // The DHT goes over UDP, and so past every proxy.
  if (own.settings.proxy !== null) return BEHIND_PROXY
  return new OnDemand(() =>
    startDhtNode({
      ...own.settings,
      ...{ listenPort: 0, dht: true, dhtReadOnly: true },
      ...{ lsd: false, webrtc: false, portMapping: false, tracker: null, blocklist: null },
      ...(servers === null ? {} : { bootstrapNodes: servers.data }),
    }),
  )
}

/** Opens the node when it is first asked: words that are wrong trouble nobody. */
class OnDemand extends LateControl {
  readonly #start: () => Promise<Control | Problem>
  #starting: Promise<Problem | null> | null = null

  constructor(start: () => Promise<Control | Problem>) {
    super()
    this.#start = start
  }

  override async network(): Promise<NetworkStatus | Problem> {
    return (await this.#started()) ?? super.network()
  }

  override async dht(query: DhtQuery): Promise<DhtAnswer | Problem> {
    return (await this.#started()) ?? super.dht(query)
  }

  override async close(): Promise<void> {
    await super.close()
    await this.#starting
  }

  #started(): Promise<Problem | null> {
    this.#starting ??= this.#start().then(async (control) => {
      if (isProblem(control)) return control
      await this.use(control)
      return null
    })
    return this.#starting
  }
}

async function startDhtNode(settings: NodeSettings): Promise<Control | Problem> {
  printNote('Asking through a node of our own, for this moment: no pigeond is used.')
  const state = await mkdtemp(join(tmpdir(), 'pigeon-dht-'))
  const forget = (): Promise<void> => rm(state, { recursive: true, force: true })
  const node = await startNode({ settings: { ...settings, state, downloads: state }, sources: {} })
  if (typeof node === 'number') {
    await forget()
    return NOT_OPEN
  }
  const { SessionControl } = await import('@pigeon/control/session-control')
  const control = new SessionControl(node.session, {
    node: `${CLIENT} ${VERSION}`,
    createTorrent: () => Promise.resolve({ kind: 'stopped' } as const),
    stop: async () => {
      await node.close()
      await forget()
    },
  })
  await hasDht(control)
  return control
}

/** Its sockets take a moment; where they never open, the DHT itself says why. */
async function hasDht(control: Control): Promise<void> {
  for (let waitedMs = 0; waitedMs < OPEN_MS; waitedMs += LOOK_MS) {
    const status = await control.network()
    if (isProblem(status) || status.dht.length > 0) return
    await setTimeout(LOOK_MS)
  }
}

const OPEN_MS = 5_000
const LOOK_MS = 20

const NAMED_AND_OWN = problem(
  'usage',
  '--bootstrap is for a node of our own, and another node is named.',
  'Leave one of the two out.',
)
const NOT_OPEN = problem(
  'not-open',
  'The node of our own could not be opened.',
  'What was said above tells why.',
)
const BEHIND_PROXY = problem(
  'dht-off',
  'A proxy is configured, and the DHT would go around it.',
  'Ask through another node with --connect URL.',
)
