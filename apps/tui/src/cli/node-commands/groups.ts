/** Commands about what groups torrents: tags, categories and trackers. */
import type { Category, CategoryLimits, CommandResult, Problem } from '@pigeon/control/contract'
import { isProblem, problem, UNKNOWN_TORRENT } from '@pigeon/control/problems'
import { formatDuration, formatLimit, formatRatio } from '@pigeon/control/units'
import { jsonLine } from '../output.ts'
import { type Around, type Given, hasFlag, type NodeAction, pictureOf, textFlag } from './around.ts'
import { showGoal } from './limits.ts'
import { changeAll, countOrName, report, torrentsGiven } from './perform.ts'
import { printTable } from './table.ts'
import { namesIn, readCount, readFlags, readRate, readRatioGoal, readTimeGoal } from './values.ts'

export const tagList: NodeAction = async (around, given) => {
  const picture = await pictureOf(around.control)
  if (isProblem(picture)) return picture
  const counts = new Map<string, number>()
  for (const tag of picture.torrents.flatMap(({ tags }) => tags)) {
    counts.set(tag, (counts.get(tag) ?? 0) + 1)
  }
  const rows = [...counts].sort(([one], [other]) => (one < other ? -1 : 1))
  if (hasFlag(given, 'json')) {
    for (const [name, torrents] of rows) around.print(jsonLine({ name, torrents }))
  } else if (rows.length === 0) around.note('No torrent has a tag.')
  else {
    const cells = rows.map(([name, count]) => [name, String(count)])
    printTable(around, ['tag', 'torrents'], cells)
  }
  return null
}

export const tagAdd: NodeAction = (around, given) => {
  const [text = '', ...words] = given.args
  const add = namesIn([text])
  return changeAll(around, given, words, `Tagged ${add.join(', ')}:`, (ids) => ({
    do: 'tag',
    ids,
    add,
  }))
}

export const tagRemove: NodeAction = (around, given) => {
  const [text = '', ...words] = given.args
  const remove = namesIn([text])
  return changeAll(around, given, words, `No longer tagged ${remove.join(', ')}:`, (ids) => ({
    do: 'tag',
    ids,
    remove,
  }))
}

export const categoryList: NodeAction = async (around, given) => {
  const picture = await pictureOf(around.control)
  if (isProblem(picture)) return picture
  const { categories } = picture.session
  const countOf = (name: string): number =>
    picture.torrents.filter(({ category }) => category === name).length
  if (hasFlag(given, 'json')) {
    for (const each of categories) {
      around.print(jsonLine({ ...each, torrents: countOf(each.name) }))
    }
  } else if (categories.length === 0) around.note('There are no categories.')
  else {
    const rows = categories.map((each) => categoryRow(each, countOf(each.name)))
    printTable(around, CATEGORY_TITLES, rows)
  }
  return null
}

const CATEGORY_TITLES = ['category', 'torrents', 'folder', 'down', 'up', 'ratio', 'seed time']

function categoryRow({ name, folder, limits }: Category, torrents: number): readonly string[] {
  return [
    name,
    String(torrents),
    folder ?? 'default',
    formatLimit(limits.down),
    formatLimit(limits.up),
    showGoal(limits.ratio, formatRatio),
    showGoal(limits.seedMs, formatDuration),
  ]
}

export const categorySave: NodeAction = async (around, given) => {
  const [name = ''] = given.args
  const limits = readFlags<CategoryLimits>(given, {
    down: ['down', readRate],
    up: ['up', readRate],
    ratio: ['ratio', readRatioGoal],
    seedTime: ['seedMs', readTimeGoal],
  })
  if (isProblem(limits)) return limits
  const folder = textFlag(given, 'folder')
  const result = await around.control.run({
    do: 'save-category',
    name,
    ...(folder === undefined ? {} : { folder: folder === 'none' ? null : folder }),
    limits: limits.value,
  })
  return report(around, given, result, `Saved the category ${name}.`)
}

export const categoryRemove: NodeAction = async (around, given) => {
  const [name = ''] = given.args
  const result = await around.control.run({ do: 'remove-category', name })
  return report(around, given, result, `Removed the category ${name}; its torrents stay.`)
}

export const categorySet: NodeAction = (around, given) => {
  const [name = '', ...words] = given.args
  const category = name === 'none' ? null : name
  return changeAll(
    around,
    given,
    words,
    category === null ? 'No category:' : `${name}:`,
    (ids) => ({
      do: 'set-category',
      ids,
      category,
    }),
  )
}

export const trackerAdd: NodeAction = async (around, given) => {
  const [url = '', ...words] = given.args
  const tierText = textFlag(given, 'tier')
  const tier = tierText === undefined ? null : readCount(tierText)
  if (tier !== null && isProblem(tier)) return tier
  return changeTiers(around, given, words, `Added ${url}:`, (tiers) => {
    if (tiers.some((urls) => urls.includes(url))) return tiers
    if (tier === null || tier.value >= tiers.length) return [...tiers, [url]]
    return tiers.map((urls, at) => (at === tier.value ? [...urls, url] : urls))
  })
}

export const trackerRemove: NodeAction = async (around, given) => {
  const [url = '', ...words] = given.args
  return changeTiers(around, given, words, `Removed ${url}:`, (tiers) => {
    if (!tiers.some((urls) => urls.includes(url))) return NO_SUCH_TRACKER
    return tiers
      .map((urls) => urls.filter((each) => each !== url))
      .filter((urls) => urls.length > 0)
  })
}

const NO_SUCH_TRACKER = problem(
  'not-found',
  'It has no such tracker.',
  '"pigeon trackers" lists what it has; the address must be the same.',
)

type Tiers = string[][]

/** Changes the trackers of each torrent, one after the other; stops at the first that fails. */
async function changeTiers(
  around: Around,
  given: Given,
  words: readonly string[],
  did: string,
  change: (tiers: Tiers) => Tiers | Problem,
): Promise<Problem | null> {
  const torrents = await torrentsGiven(around, words)
  if (isProblem(torrents)) return torrents
  const ids: string[] = []
  for (const { id } of torrents) {
    const result = await changeTiersOf(around, id, change)
    if (!result.ok) return report(around, given, { ...result, ids }, '')
    ids.push(id)
  }
  return report(around, given, { ok: true, ids }, `${did} ${countOrName(torrents, ids)}.`)
}

async function changeTiersOf(
  { control }: Around,
  id: string,
  change: (tiers: Tiers) => Tiers | Problem,
): Promise<CommandResult> {
  const detail = await control.detail(id)
  if (detail === null) return { ok: false, problem: UNKNOWN_TORRENT, ids: [] }
  const before: Tiers = []
  for (const { tier, url } of detail.trackers) (before[tier] ??= []).push(url)
  // A tier of which all trackers are gone leaves a gap.
  const tiers = change(before.filter((urls) => urls !== undefined))
  if (isProblem(tiers)) return { ok: false, problem: tiers, ids: [] }
  return control.run({ do: 'set-trackers', id, tiers })
}
