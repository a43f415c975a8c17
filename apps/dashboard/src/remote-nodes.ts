/** The nodes of other clients that the settings name. */
import { homedir } from 'node:os'
import { chooseToken } from '@pigeon/control/bearer-token'
import { connectControl } from '@pigeon/control/connect'
import { type Problem, SCOPES, type Scope } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import { toDisplay } from '@pigeon/protocol/display'
import { LateControl } from './server/late-control.ts'
import { keysOf, type ServedNode } from './server/served-node.ts'
import type { WebOptions } from './setting-table.ts'

/** The node of this process, in addresses and on the page. */
export const OWN_KEY = 'own'
export const OWN_NAME = 'pigeon-web'

type RemoteSettings = Pick<WebOptions, 'connect' | 'nodes' | 'token' | 'tokenFile' | 'ownNode'>

/**
 * Opens the lines to all of them. Where there is just one, what keeps it from being reached is told at once; of several,
 * those that are away are shown as away until they come.
 */
export async function remoteNodes(
  settings: RemoteSettings,
): Promise<readonly ServedNode[] | Problem> {
  const wished = [
    ...connected(settings),
    ...settings.nodes.map(({ name, url, tokenFile }) => ({ name, url, file: tokenFile })),
  ]
  const keys = keysOf([OWN_KEY, ...wished.map(({ name }) => name)]).slice(1)
  const nodes: ServedNode[] = []
  for (const [index, { name, url, file }] of wished.entries()) {
    const node = await openRemote(url, file, settings.token)
    if (isProblem(node)) {
      await Promise.all(nodes.map(({ control }) => control.close()))
      return node
    }
    const { control, first } = node
    if (wished.length === 1 && !settings.ownNode) {
      await first
      if (control.problem !== null) {
        const reason = control.problem
        await control.close()
        return reason
      }
    }
    nodes.push({
      key: keys[index] ?? `node-${index + 1}`,
      name: toDisplay(name, 64),
      control,
      problem: () => control.problem,
      scope: node.scope,
    })
  }
  return nodes
}

interface Wished {
  readonly name: string
  readonly url: string
  readonly file: string | undefined
}

function connected({ connect, tokenFile }: RemoteSettings): readonly Wished[] {
  return connect.map((url, index) => ({
    name: URL.canParse(url) ? new URL(url).host : url,
    url,
    file: tokenFile.length === 1 ? tokenFile[0] : tokenFile[index],
  }))
}

interface Opening {
  readonly control: LateControl
  /** Fulfilled after the first try. */
  readonly first: Promise<void>
  readonly scope: () => Scope
}

async function openRemote(
  url: string,
  file: string | undefined,
  token: string | null,
): Promise<Opening | Problem> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return badUrl(url)
  const secret = await chooseToken({
    token: file === undefined ? (token ?? undefined) : undefined,
    file: file?.replace(/^~(?=\/)/, homedir()),
  })
  if (typeof secret !== 'string') return secret
  let scope: Scope = 'full'
  const control = new LateControl({
    open: async () => {
      const opened = await connectControl(url, { token: secret })
      if (!isProblem(opened)) scope = await scopeOf(url, secret)
      return opened
    },
    later: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs)
      return () => clearTimeout(timer)
    },
  })
  return { control, first: control.start(), scope: () => scope }
}

/** What the token may do there. Where that cannot be learned, the node itself refuses what is too much. */
async function scopeOf(url: string, token: string): Promise<Scope> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/api/v1/ticket`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(SCOPE_MS),
    })
    const answer: unknown = await response.json()
    const told = typeof answer === 'object' && answer !== null && 'scope' in answer && answer.scope
    return SCOPES.find((scope) => scope === told) ?? 'full'
  } catch {
    return 'full'
  }
}

const SCOPE_MS = 5_000

function badUrl(url: string): Problem {
  return problem(
    'bad-url',
    `The address of the node is not one: ${url}`,
    'Write it like http://127.0.0.1:9191, without a name or password in it.',
  )
}
