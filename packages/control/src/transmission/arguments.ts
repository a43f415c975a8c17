/** What the arguments of a call may be. Unknown ones are passed over, as Transmission does; wrong ones are refused. */
import { toDisplay } from '@pigeon/protocol/display'
import { z } from 'zod'

/** Whole or not, true or 1: clients in loosely typed languages send what they have. */
export const flag = z.union([
  z.boolean(),
  z.literal(0).transform(() => false),
  z.literal(1).transform(() => true),
])
export const amount = z.number().min(0).max(Number.MAX_SAFE_INTEGER)
/** kB a second. */
export const speed = z.number().min(0).max(1e9).transform(Math.floor)
export const text = z.string().max(4096)
export const labels = z.array(z.string().max(64)).max(32)
export const fileIndexes = z.array(z.number().int().min(0)).max(200_000)

/** Torrents: a number, a hash, a word, or a list of numbers and hashes; all of them when absent. */
const id = z.union([z.number().int(), z.string().max(64)])
export const ids = z.union([id, z.array(id).max(100_000)]).optional()
export type Ids = z.infer<typeof ids>

export type Checked<T> =
  | { readonly ok: true; readonly args: T }
  | { readonly ok: false; readonly words: string }

/** The arguments, or what is wrong with them and where. */
export function check<T>(
  schema: z.ZodType<T>,
  args: Readonly<Record<string, unknown>>,
): Checked<T> {
  const parsed = schema.safeParse(args)
  if (parsed.success) return { ok: true, args: parsed.data }
  const issue = parsed.error.issues[0]
  const where = (issue?.path ?? []).map(String).join('.')
  return {
    ok: false,
    // The checker's words can repeat what was sent.
    words: toDisplay(`invalid argument: ${where}: ${issue?.message ?? 'not understood'}`),
  }
}
