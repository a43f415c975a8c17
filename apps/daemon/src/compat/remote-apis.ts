/** The APIs of other programs that the daemon was told to speak, as routes for its control server. */
import type { IncomingMessage } from 'node:http'
import type { ControlServerOptions } from '@pigeon/control/control-server'
import type { Control, Problem, Scope } from '@pigeon/control/contract'
import { qbittorrentRoutes } from '@pigeon/control/qbittorrent'
import type { RemoteAccess } from '@pigeon/control/remote-access'
import { transmissionRoutes } from '@pigeon/control/transmission'
import { CLIENT_NAME } from '../version.ts'
import { readPasswordFile } from './password-file.ts'
import type { RemoteApiSettings } from './setting-rows.ts'

export interface RemoteApiParts {
  readonly control: Control
  /** What the sender of a token may do. */
  readonly access: {
    authorise(request: Pick<IncomingMessage, 'headers'>): Scope | null | Promise<Scope | null>
  }
  readonly updateBlocklist: () => Promise<Problem | null>
  readonly onError: (error: unknown) => void
}

type Routes = NonNullable<ControlServerOptions['routes']>

/** No routes when both are off. */
export async function remoteApiRoutes(
  settings: RemoteApiSettings,
  { control, access: tokens, updateBlocklist, onError }: RemoteApiParts,
): Promise<Routes | Problem> {
  if (!settings.transmissionRpc && !settings.qbittorrentApi) return []
  const { rpcPasswordFile: file, rpcUsername: username } = settings
  const password = file === null ? null : await readPasswordFile(file)
  if (password !== null && typeof password !== 'string') return password
  const access: RemoteAccess = {
    scopeOf: (token) => tokens.authorise({ headers: { authorization: `Bearer ${token}` } }),
    ...(password === null ? {} : { login: { username, password } }),
  }
  const options = {
    access,
    node: CLIENT_NAME,
    allowPrivateUrls: settings.rpcPrivateUrls,
    onError,
  }
  return [
    ...(settings.transmissionRpc
      ? [transmissionRoutes(control, { ...options, updateBlocklist })]
      : []),
    ...(settings.qbittorrentApi ? [qbittorrentRoutes(control, options)] : []),
  ]
}
