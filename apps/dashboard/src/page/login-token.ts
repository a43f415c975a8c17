/** The secret in a login link, or in what somebody copied of one; `null` where there is none. */
export function tokenOf(text: string): string | null {
  return /(?:^|#)([\w-]{43})\s*$/.exec(text.trim())?.[1] ?? null
}
