/** Calls about the program and its traffic. */
import { BAD_REQUEST, type Call, json, reads, type Reply, replyTo, text, writes } from './call.ts'
import { limitNow, transferInfo } from './main-data.ts'

/** A version that clients know, and whose behaviour this is: later ones would make them ask for more. */
export const LIKE_QBITTORRENT = 'v4.6.7'
export const API_VERSION = '2.9.3'

export const version = reads(() => text(LIKE_QBITTORRENT))
export const apiVersion = reads(() => text(API_VERSION))
export const defaultSavePath = reads(({ session }) => text(session.defaultFolder))
export const buildInfo = reads(({ world }) =>
  json({ bitness: 64, boost: '', libtorrent: world.node, openssl: '', qt: '', zlib: '' }),
)
export const shutdown = writes(({ world }) => run(world.list.control.run({ do: 'shut-down' })))

export const transfer = reads(({ session }) => json(transferInfo(session)))
export const speedLimitsMode = reads(({ session }) => text(session.alternative.isOn ? '1' : '0'))
export const globalDownloadLimit = reads(({ session }) => text(String(limitNow(session, 'down'))))
export const globalUploadLimit = reads(({ session }) => text(String(limitNow(session, 'up'))))

export const toggleSpeedLimitsMode = writes((call) =>
  setAlternative(call, !call.session.alternative.isOn),
)
export const setSpeedLimitsMode = writes((call) => {
  const mode = call.params.number('mode')
  return mode === 0 || mode === 1 ? setAlternative(call, mode === 1) : BAD_REQUEST
})

function setAlternative({ world }: Call, isOn: boolean): Promise<Reply> {
  return run(world.list.run({ do: 'set-session', isAlternativeOn: isOn }))
}

export const setGlobalDownloadLimit = writes((call) => setGlobal(call, 'down'))
export const setGlobalUploadLimit = writes((call) => setGlobal(call, 'up'))

/** Of the limits that count now, as the original does. */
function setGlobal({ params, session, world }: Call, which: 'down' | 'up'): Promise<Reply> | Reply {
  const given = params.number('limit')
  if (given === null) return BAD_REQUEST
  const limit = given > 0 ? Math.floor(given) : null
  const key = session.alternative.isOn ? ALTERNATIVE[which] : PLAIN[which]
  return run(world.list.run({ do: 'set-session', [key]: limit }))
}

const ALTERNATIVE = { down: 'altDownLimit', up: 'altUpLimit' } as const
const PLAIN = { down: 'downLimit', up: 'upLimit' } as const

/** There are no feeds, plugins and log lines of that kind here: clients that look find nothing. */
export const emptyList = reads(() => json([]))
export const emptyObject = reads(() => json({}))

async function run(result: ReturnType<Call['world']['list']['run']>): Promise<Reply> {
  return replyTo(await result)
}
