/** Which columns fit, and the grid that they make. */
import type { ColumnKey } from './column-keys.ts'
import { COLUMNS } from './columns.tsx'

/** While nobody has chosen, as many of these as fit, the first ones first; shown in the order of the first list. */
const BY_WORTH: readonly ColumnKey[] = [
  'name',
  'progress',
  'down',
  'up',
  'size',
  'eta',
  'peers',
  'ratio',
  'category',
  'added',
]
const FIRST_ORDER: readonly ColumnKey[] = [
  'name',
  'progress',
  'size',
  'down',
  'up',
  'eta',
  'peers',
  'ratio',
  'category',
  'added',
]

/** Between two columns. */
const GAP_PX = 12
/** The box to tick, the buttons, and the padding at both ends. */
const FRAME_PX = 36 + 84 + 24 + 2 * GAP_PX
/** As much as a name shall have before a further column is shown. */
const GOOD_NAME_PX = 260

export function columnsThatFit(widthPx: number): readonly ColumnKey[] {
  let leftPx = widthPx - FRAME_PX - GOOD_NAME_PX
  const fitting = new Set<ColumnKey>(['name', 'progress'])
  leftPx -= COLUMNS.progress.widthPx + GAP_PX
  for (const key of BY_WORTH) {
    if (fitting.has(key)) continue
    leftPx -= COLUMNS[key].widthPx + GAP_PX
    if (leftPx < 0) break
    fitting.add(key)
  }
  return FIRST_ORDER.filter((key) => fitting.has(key))
}

/** For `grid-template-columns`: the box, the columns, the buttons; and how wide all that is at least. */
export function gridOf(columns: readonly ColumnKey[]): {
  readonly tracks: string
  readonly widthPx: number
} {
  const tracks = columns.map((key) =>
    key === 'name' ? `minmax(${COLUMNS.name.widthPx}px, 1fr)` : `${COLUMNS[key].widthPx}px`,
  )
  return {
    tracks: ['36px', ...tracks, '84px'].join(' '),
    widthPx: columns.reduce((sum, key) => sum + COLUMNS[key].widthPx + GAP_PX, FRAME_PX),
  }
}
