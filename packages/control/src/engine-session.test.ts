import type { Session } from '@pigeon/engine/session'
import { expectTypeOf, it } from 'vitest'
import type { ControlledSession } from './controlled-session.ts'

it('is served by the engine’s session as it is', () => {
  expectTypeOf<Session>().toExtend<ControlledSession>()
})
