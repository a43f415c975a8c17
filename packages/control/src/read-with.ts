/** Reads what came from outside with a schema, and says in words what is wrong with it. */
import { toDisplay } from '@pigeon/protocol/display'
import type { z } from 'zod'
import type { Problem } from './contract.ts'
import { problem } from './problems.ts'

/** The value, or what is wrong with it and where. `what` begins the sentence, such as `The command`. */
export function readWith<T extends z.ZodType>(
  schema: T,
  unchecked: unknown,
  code: string,
  what: string,
): z.infer<T> | Problem {
  const parsed = schema.safeParse(unchecked)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = (issue?.path ?? []).map(String).join('.')
  const why = issue?.message ?? 'it is none of the known ones'
  return problem(
    code,
    // The checker's words repeat names that were sent.
    toDisplay(`${what} is not valid${where === '' ? '' : ` at ${where}`}: ${why}`),
    'See docs/api.md for what this server understands.',
  )
}
