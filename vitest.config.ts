import { defineConfig } from 'vitest/config'
import { NO_STRANGERS } from './packages/node/src/no-strangers.ts'

export default defineConfig({
  resolve: { conditions: ['pigeon-source'] },
  ssr: { resolve: { conditions: ['pigeon-source'], externalConditions: ['pigeon-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'apps/*/src/**/*.test.{ts,tsx}'],
    maxWorkers: 2,
    env: NO_STRANGERS,
    // Bounds for a hang, not for speed: the machine may be busy with the other worker's tests.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
  },
})
