/** What the screen asks before it does something with the chosen torrents. */
import type { Problem, TorrentLimits, TorrentSummary } from '@pigeon/control/contract'
import { nameOf, runOn } from './run-on.ts'
import { isProblem, readAmount, readGoal, typedDuration, typedGoal, typedRate } from './amounts.ts'
import { completeFolder } from './complete-folder.ts'
import { type Answers, type Field, Form } from './form.ts'
import { STRINGS } from './strings.ts'
import type { Host } from './view.ts'
import { pathOf } from './what-to-add.ts'

type Chosen = readonly TorrentSummary[]

const WORDS = STRINGS.form

/** Such as a name, or `3 torrents`. */
function about(chosen: Chosen): string {
  const [first] = chosen
  return chosen.length === 1 && first !== undefined
    ? nameOf(first)
    : STRINGS.torrents(chosen.length)
}

function text(name: string, label: string, initial: string, hint?: string): Field {
  return { kind: 'text', name, label, initial, ...(hint === undefined ? {} : { hint }) }
}

/** What they have in common. */
function shared<T>(chosen: Chosen, valueOf: (torrent: TorrentSummary) => T, otherwise: T): T {
  const [first, ...rest] = chosen.map(valueOf)
  return first !== undefined && rest.every((value) => value === first) ? first : otherwise
}

export function openMove(host: Host, chosen: Chosen): void {
  const folder = shared(chosen, (torrent) => torrent.folder, '')
  host.open(
    new Form(host, {
      title: WORDS.move,
      intro: [about(chosen)],
      fields: [{ ...folderField(host, folder), label: '' }],
      onSubmit: (answers) => {
        const to = answers.text('folder')
        if (to === '') return WORDS.noFolder
        const target = host.isRemote ? to : pathOf(to)
        runOn(host, chosen, (ids) => ({ do: 'move', ids, folder: target }), STRINGS.done.moved)
        return null
      },
    }),
  )
}

export function folderField(host: Host, initial: string): Extract<Field, { kind: 'text' }> {
  return {
    kind: 'text',
    name: 'folder',
    label: WORDS.folder,
    initial,
    complete: (typed) => completeFolder(host.control, typed, 'folder'),
  }
}

/** Those that there are, and none. */
export function categoryField(host: Host): Extract<Field, { kind: 'choice' }> {
  const categories = host.store.session?.categories ?? []
  return {
    kind: 'choice',
    name: 'category',
    label: WORDS.category,
    initial: '',
    options: [
      { value: '', label: WORDS.none },
      ...categories.map(({ name }) => ({ value: name, label: name })),
    ],
  }
}

export function openRename(host: Host, chosen: Chosen): void {
  const [torrent] = chosen
  if (torrent === undefined) return
  if (chosen.length > 1) return host.complain(WORDS.renameOne)
  openRenameOf(host, torrent.id, nameOf(torrent), undefined)
}

/** `path`: a file or folder within; the torrent itself when absent. */
export function openRenameOf(host: Host, id: string, name: string, path: string | undefined): void {
  host.open(
    new Form(host, {
      title: WORDS.rename,
      intro: [path ?? name],
      fields: [text('name', '', name)],
      onSubmit: async (answers) => {
        const to = answers.text('name')
        if (to === '' || to === name) return null
        const where = path === undefined ? {} : { path }
        const result = await host.run(
          { do: 'rename', id, name: to, ...where },
          STRINGS.done.renamed,
        )
        return result.ok ? null : result.problem
      },
    }),
  )
}

export function openCategory(host: Host, chosen: Chosen): void {
  const initial = shared(chosen, ({ category }) => category ?? '', '')
  host.open(
    new Form(host, {
      title: WORDS.category,
      intro: [about(chosen)],
      fields: [
        { ...categoryField(host), label: WORDS.categoryLabel, initial },
        text('new', WORDS.newCategory, '', WORDS.newCategoryHint),
      ],
      onSubmit: async (answers) => {
        const fresh = answers.text('new')
        if (fresh !== '') {
          const made = await host.control.run({ do: 'save-category', name: fresh })
          if (!made.ok) return made.problem
        }
        const category = fresh === '' ? answers.text('category') || null : fresh
        runOn(host, chosen, (ids) => ({ do: 'set-category', ids, category }), STRINGS.done.category)
        return null
      },
    }),
  )
}

export function openTags(host: Host, chosen: Chosen): void {
  const all = new Set(chosen.flatMap(({ tags }) => tags))
  const common = [...all].filter((tag) => chosen.every(({ tags }) => tags.includes(tag)))
  host.open(
    new Form(host, {
      title: WORDS.tags,
      intro: [about(chosen)],
      fields: [text('tags', '', common.join(', '), WORDS.tagsHint)],
      onSubmit: (answers) => {
        const wanted = tagsOf(answers.text('tags'))
        const add = wanted.filter((tag) => !common.includes(tag))
        const remove = common.filter((tag) => !wanted.includes(tag))
        runOn(host, chosen, (ids) => ({ do: 'tag', ids, add, remove }), STRINGS.done.tags)
        return null
      },
    }),
  )
}

export function tagsOf(typed: string): string[] {
  const tags = typed.split(',').map((tag) => tag.trim())
  return [...new Set(tags.filter((tag) => tag !== ''))]
}

export function openLimits(host: Host, chosen: Chosen): void {
  const of = <K extends keyof TorrentLimits>(key: K): TorrentLimits[K] | null =>
    shared<TorrentLimits[K] | null>(chosen, ({ limits }) => limits[key], null)
  host.open(
    new Form(host, {
      title: WORDS.limits,
      intro: [about(chosen)],
      fields: [
        text('down', WORDS.down, typedRate(of('down')), WORDS.rateHint),
        text('up', WORDS.up, typedRate(of('up')), WORDS.rateHint),
        text('ratio', WORDS.ratioGoal, typedGoal(of('ratio')), WORDS.goalHint),
        text('seedMs', WORDS.seedGoal, typedDuration(of('seedMs')), WORDS.timeHint),
        text('idleMs', WORDS.idleGoal, typedDuration(of('idleMs')), WORDS.timeHint),
        text('maxPeers', WORDS.maxPeers, typedGoal(of('maxPeers')), WORDS.sessionHint),
        {
          kind: 'choice',
          name: 'priority',
          label: WORDS.priority,
          initial: of('priority') ?? 'normal',
          options: WORDS.priorities,
        },
        {
          kind: 'switch',
          name: 'ignoresSession',
          label: WORDS.ignoresSession,
          initial: of('ignoresSession') ?? false,
        },
      ],
      onSubmit: async (answers) => {
        const limits = limitsOf(answers)
        if (isProblem(limits)) return limits
        const ids = chosen.map(({ id }) => id)
        const result = await host.run({ do: 'set-limits', ids, limits }, STRINGS.done.limits)
        return result.ok ? null : result.problem
      },
    }),
  )
}

function limitsOf(answers: Answers): TorrentLimits | Problem {
  const down = readAmount('rate', answers.text('down'), WORDS.down)
  if (isProblem(down)) return down
  const up = readAmount('rate', answers.text('up'), WORDS.up)
  if (isProblem(up)) return up
  const ratio = readGoal('number', answers.text('ratio'), WORDS.ratioGoal)
  if (isProblem(ratio)) return ratio
  const seedMs = readGoal('duration', answers.text('seedMs'), WORDS.seedGoal)
  if (isProblem(seedMs)) return seedMs
  const idleMs = readGoal('duration', answers.text('idleMs'), WORDS.idleGoal)
  if (isProblem(idleMs)) return idleMs
  const maxPeers = readAmount('number', answers.text('maxPeers'), WORDS.maxPeers)
  if (isProblem(maxPeers)) return maxPeers
  const typed = answers.text('priority')
  const priority = typed === 'low' || typed === 'high' ? typed : 'normal'
  const ignoresSession = answers.isOn('ignoresSession')
  return { down, up, ratio, seedMs, idleMs, maxPeers, ignoresSession, priority }
}
