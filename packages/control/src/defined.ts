/** Options as a call wants them: absent rather than undefined. */

/** Drops keys that are present but undefined, as zod leaves them. */
export function defined<T extends object>(
  options: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  // The same keys with the same values, except those that were undefined: which is what the type says.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
