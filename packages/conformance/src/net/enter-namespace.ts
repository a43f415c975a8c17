/** The one way into the namespace for all commands. */
import { isInsideNamespace, namespaceProblem, runInNamespace } from './namespace.ts'
import { makeWorkDir } from './work-dir.ts'

const EXIT_HARNESS = 3
const EXIT_NOTHING_RAN = 4

/**
 * Runs this same command again inside a namespace and sets the exit code; `true` when the caller is outside and done.
 * Where no namespace can be made nothing is run; with CI=true that is a failure of the harness.
 */
export async function enterNamespace(program: string): Promise<boolean> {
  if (isInsideNamespace()) return false
  const problem = namespaceProblem()
  if (problem === undefined) {
    const work = makeWorkDir()
    process.once('exit', () => work.remove())
    process.exitCode = await runInNamespace(program, process.argv.slice(2), work.env)
    return true
  }
  process.stderr.write(`pigeon-conform: nothing was run: ${problem}\n`)
  process.exitCode = process.env['CI'] === 'true' ? EXIT_HARNESS : EXIT_NOTHING_RAN
  return true
}
