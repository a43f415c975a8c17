/** The columns that the list can show, in their first order. */
export const COLUMN_KEYS = [
  'name',
  'state',
  'progress',
  'size',
  'done',
  'down',
  'up',
  'eta',
  'peers',
  'seeds',
  'ratio',
  'availability',
  'category',
  'tags',
  'tracker',
  'queue',
  'downloaded',
  'uploaded',
  'seeded',
  'added',
  'finished',
  'active',
  'folder',
] as const

export type ColumnKey = (typeof COLUMN_KEYS)[number]
