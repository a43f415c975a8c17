/** Programs of other people that a test needs and a machine may lack. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** Where the program is; where it is missing a test says so, and fails under CI. */
export function installed(program: string, what: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(':')
  const path = folders.map((folder) => join(folder, program)).find((each) => existsSync(each))
  if (path !== undefined) return path
  it(`needs ${program} to test ${what}`, (context) => {
    expect(process.env['CI'], `${program} is not installed`).toBeUndefined()
    console.warn(`${program} is not installed: ${what} is NOT tested.`)
    context.skip(`${program} is not installed`)
  })
  return null
}
