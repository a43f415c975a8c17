import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['pigeon-source'] },
  ssr: { resolve: { conditions: ['pigeon-source'], externalConditions: ['pigeon-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'apps/*/src/**/*.test.{ts,tsx}'],
    maxWorkers: 2,
  },
})
