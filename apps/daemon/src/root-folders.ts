/** Keeps paths that come through the control API inside the folders that the owner named. */
import { realpath } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Problem } from '@pigeon/control/contract'
import { problem } from '@pigeon/control/problems'

/** Checks a path after all links on its way have been followed; what does not exist yet counts as its parent does. */
export function rootCheck(
  roots: readonly string[],
): ((path: string) => Promise<Problem | null>) | undefined {
  if (roots.length === 0) return undefined
  return async (path) => {
    const real = await realPathOf(resolve(path))
    for (const root of roots) {
      if (isWithin(await realPathOf(resolve(root)), real)) return null
    }
    return problem(
      'not-allowed',
      'The path lies outside the folders that may be used through the control API.',
      'Choose another, or let the owner of the node extend control-roots.',
    )
  }
}

async function realPathOf(path: string): Promise<string> {
  const real = await realpath(path).catch(() => null)
  if (real !== null) return real
  const parent = dirname(path)
  return parent === path ? path : resolve(await realPathOf(parent), relative(parent, path))
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)
}
