/** How what watched folders and feeds find comes into the session. */
import type { Problem } from '@pigeon/control/contract'
import type { AddOptions, AddSource, ControlledSession } from '@pigeon/control/controlled-session'

export type Taken =
  | { readonly kind: 'added'; readonly id: string }
  /** It was there already. */
  | { readonly kind: 'known' }
  /** The torrent itself is no good: to try again changes nothing. */
  | { readonly kind: 'bad'; readonly problem: Problem }
  /** It did not work this time. */
  | { readonly kind: 'failed'; readonly problem: Problem }

/** As the configuration file spells it. */
export interface Wishes {
  readonly category?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly paused?: boolean | undefined
  readonly folder?: string | undefined
}

/** Adds a torrent. Never rejects. */
export type TorrentIntake = (source: AddSource, wishes: Wishes) => Promise<Taken>

/** Makes the category where there is none of that name: who wrote it into the configuration wants it. */
export function intakeOf(
  session: Pick<ControlledSession, 'add' | 'saveCategory' | 'summary'>,
): TorrentIntake {
  return async (source, wishes) => {
    const refused = await ensureCategory(session, wishes.category)
    if (refused !== null) return { kind: 'failed', problem: refused }
    const added = await session.add(source, addOptionsOf(wishes))
    if (added.kind === 'added') return added
    const { code, message, help } = added
    if (code === 'already-added') return { kind: 'known' }
    return { kind: isHopeless(code) ? 'bad' : 'failed', problem: { code, message, help } }
  }
}

async function ensureCategory(
  session: Pick<ControlledSession, 'saveCategory' | 'summary'>,
  name: string | undefined,
): Promise<Problem | null> {
  if (name === undefined) return null
  if (session.summary().categories.some((category) => category.name === name)) return null
  return session.saveCategory({ name })
}

function addOptionsOf({ category, tags, paused, folder }: Wishes): AddOptions {
  return {
    ...(category === undefined ? {} : { category }),
    ...(tags === undefined ? {} : { tags }),
    ...(paused === undefined ? {} : { isPaused: paused }),
    ...(folder === undefined ? {} : { folder }),
  }
}

function isHopeless(code: string): boolean {
  return code === 'bad-torrent' || code === 'bad-magnet' || code === 'bad-url'
}
