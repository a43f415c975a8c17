/** Calls that change categories and tags, and who is in them. */
import type { Command } from '../contract.ts'
import { BAD_REQUEST, type Call, conflict, DONE, type Reply, rowsOf, text, writes } from './call.ts'
import { tagsOf } from './main-data.ts'
import { forEach, forTorrents, run, runAll } from './run-command.ts'

export const setCategory = writes(async (call) => {
  const name = call.params.text('category') ?? ''
  const isKnown = call.session.categories.some((category) => category.name === name)
  if (name !== '' && !isKnown) return conflict('Incorrect category name')
  const rows = rowsOf(call)
  if (rows === null) return BAD_REQUEST
  const category = name === '' ? null : name
  return runAll(call, rows, (ids) => ({ do: 'set-category', ids, category }))
})

export const createCategory = writes((call) => saveCategory(call, true))
export const editCategory = writes((call) => saveCategory(call, false))

function saveCategory(call: Call, isNew: boolean): Promise<Reply> | Reply {
  const name = call.params.text('category') ?? ''
  if (name === '') return text('Category cannot be empty', 400)
  const isKnown = call.session.categories.some((category) => category.name === name)
  if (isKnown === isNew) return conflict(`Unable to ${isNew ? 'create' : 'edit'} category`)
  const folder = call.params.text('savePath') ?? ''
  return run(call, { do: 'save-category', name, folder: folder === '' ? null : folder })
}

export const removeCategories = writes(async (call) => {
  const named = call.params.parts('categories', '\n')
  if (named.length === 0) return BAD_REQUEST
  for (const name of named) {
    if (!call.session.categories.some((category) => category.name === name)) continue
    const reply = await run(call, { do: 'remove-category', name })
    if (reply.status !== 200) return reply
  }
  return DONE
})

export const addTags = forTorrents((ids, { params }) =>
  tagCommand(ids, 'add', params.parts('tags', ',')),
)
export const removeTags = writes((call) => {
  const named = call.params.parts('tags', ',')
  // Without names: all of them, of each torrent.
  return forEach(call, ({ summary }) =>
    tagCommand([summary.id], 'remove', named.length === 0 ? summary.tags : named),
  )
})

function tagCommand(ids: string[], what: 'add' | 'remove', tags: readonly string[]): Command {
  return { do: 'tag', ids, [what]: [...tags] }
}

/** Tags without a torrent. */
export const SPARE_TAGS = 1_000

export const createTags = writes(({ params, world }) => {
  const tags = params.parts('tags', ',')
  if (tags.length === 0) return BAD_REQUEST
  for (const tag of tags) {
    if (world.spareTags.size < SPARE_TAGS && tag.length <= 64) world.spareTags.add(tag)
  }
  return DONE
})

/** Tags of one command. */
const TAGS_AT_ONCE = 32

export const deleteTags = writes(async (call) => {
  const named = new Set(call.params.parts('tags', ','))
  for (const tag of named) call.world.spareTags.delete(tag)
  const inUse = tagsOf(call.world).filter((tag) => named.has(tag))
  for (let at = 0; at < inUse.length; at += TAGS_AT_ONCE) {
    const tags = inUse.slice(at, at + TAGS_AT_ONCE)
    const rows = call.world.list
      .rows()
      .filter(({ summary }) => tags.some((tag) => summary.tags.includes(tag)))
    const reply = await runAll(call, rows, (ids) => tagCommand(ids, 'remove', tags))
    if (reply.status !== 200) return reply
  }
  return DONE
})
