/** Calls that change the trackers of one torrent. */
import { type Call, conflict, NOT_FOUND, type Reply, rowsOf, text, writes } from './call.ts'
import { run } from './run-command.ts'

export const addTrackers = writes((call) => {
  const urls = call.params.parts('urls', '\n')
  return changeTrackers(call, (tiers) => {
    const known = new Set(tiers.flat())
    return [...tiers, ...urls.filter((url) => !known.has(url)).map((url) => [url])]
  })
})

export const editTracker = writes((call) => {
  const before = call.params.text('origUrl') ?? call.params.text('url') ?? ''
  const now = call.params.text('newUrl') ?? ''
  return changeTrackers(call, (tiers) => {
    if (now === '') return text('New tracker URL is invalid', 400)
    if (!tiers.flat().includes(before)) return conflict('Tracker not found')
    return tiers.map((tier) => tier.map((url) => (url === before ? now : url)))
  })
})

export const removeTrackers = writes((call) => {
  const urls = new Set(call.params.parts('urls', '|'))
  return changeTrackers(call, (tiers) => {
    if (!tiers.flat().some((url) => urls.has(url))) return conflict('No tracker of that address')
    return tiers
      .map((tier) => tier.filter((url) => !urls.has(url)))
      .filter((tier) => tier.length > 0)
  })
})

async function changeTrackers(
  call: Call,
  change: (tiers: string[][]) => string[][] | Reply,
): Promise<Reply> {
  const [row] = rowsOf(call) ?? []
  const detail = row === undefined ? null : await call.world.list.control.detail(row.summary.id)
  if (row === undefined || detail === null) return NOT_FOUND
  const before = new Map<number, string[]>()
  for (const { url, tier } of detail.trackers) {
    // What was cut or marked on its way to the screen would come back as something else.
    if (!/^[\x21-\x7e]+$/.test(url))
      return conflict('An address of this torrent cannot be repeated whole')
    before.set(tier, [...(before.get(tier) ?? []), url])
  }
  const tiers = change([...before.values()])
  if ('status' in tiers) return tiers
  return run(call, { do: 'set-trackers', id: row.summary.id, tiers })
}
