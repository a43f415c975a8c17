/**
 * When a torrent has seeded enough: its own goals, else those of its category, else those of the session. `never` wins
 * where it stands.
 */
import type { Millis } from '@pigeon/protocol/machine'
import type { SeedingGoal } from '../queue.ts'
import type { Category } from '../session/categories.ts'
import type { EngineSettings } from '../settings.ts'
import type { Goal, TorrentLimits } from './options.ts'

export function goalsOf(
  own: TorrentLimits,
  category: Category | null,
  common: Pick<EngineSettings, 'ratioGoal' | 'seedMsGoal' | 'idleMsGoal'>,
): SeedingGoal {
  return {
    ratio: firstSaid(own.ratio, category?.limits.ratio ?? null, common.ratioGoal),
    seedMs: firstSaid(own.seedMs, category?.limits.seedMs ?? null, common.seedMsGoal),
    idleMs: firstSaid(own.idleMs, null, common.idleMsGoal),
  }
}

function firstSaid(own: Goal, category: Goal, common: Millis | null): number | null {
  const said = own ?? category ?? common
  return said === 'never' ? null : said
}
