import type { Session } from '@pigeon/engine/session'
import type { createTorrent } from '@pigeon/node/create-torrent'
import { expectTypeOf, it } from 'vitest'
import type { ControlledSession } from './controlled-session.ts'
import type { CreateTorrent } from './share-jobs.ts'

it('is served by the engine’s session and the node’s way to make torrents as they are', () => {
  expectTypeOf<Session>().toExtend<ControlledSession>()
  expectTypeOf<typeof createTorrent>().toExtend<CreateTorrent>()
})
