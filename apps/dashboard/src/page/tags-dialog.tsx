import { useId, useState } from 'react'
import { torrentsOf } from './actions.ts'
import { isLabel } from './label-rules.ts'
import { FormFoot, FormProblem, Modal } from './modal.tsx'
import { closeDialog, useStore } from './store.ts'
import { strings } from './strings.ts'
import { onSubmit, useForm } from './use-form.ts'

type Held = 'all' | 'some' | 'none'

/** Asks which tags some torrents shall bear. */
export function TagsDialog({ ids }: { ids: readonly string[] }) {
  const { tagging } = strings
  const [before] = useState(() => heldTags(ids))
  const [held, setHeld] = useState(before)
  const [fresh, setFresh] = useState('')
  const form = useForm()
  const field = useId()
  const addFresh = (): boolean => {
    const tag = fresh.trim()
    if (tag === '') return true
    if (!isLabel(tag)) {
      form.setFailure({ message: tagging.wrong, help: '' })
      return false
    }
    form.setFailure(null)
    setHeld(new Map(held).set(tag, 'all'))
    setFresh('')
    return true
  }
  const submit = async (): Promise<void> => {
    if (!addFresh()) return
    const wanted = new Map(held)
    if (fresh.trim() !== '') wanted.set(fresh.trim(), 'all')
    const changed = [...wanted].filter(([tag, now]) => now !== (before.get(tag) ?? 'none'))
    const pick = (now: Held): string[] =>
      changed.filter(([, each]) => each === now).map(([tag]) => tag)
    const result = await form.send({
      do: 'tag',
      ids: [...ids],
      add: pick('all'),
      remove: pick('none'),
    })
    if (result?.ok === true) closeDialog()
  }
  return (
    <Modal
      title={ids.length > 1 ? tagging.titleMany(ids.length) : tagging.title}
      {...(ids.length > 1 ? { lead: tagging.lead } : {})}
      size="small"
      onClose={closeDialog}
    >
      <form className="form" noValidate onSubmit={onSubmit(() => void submit())}>
        {held.size === 0 && <p className="field-hint">{tagging.none}</p>}
        <ul className="tag-list">
          {[...held].map(([tag, now]) => (
            <li key={tag}>
              <label className="tick">
                <input
                  ref={(box) => {
                    if (box !== null) box.indeterminate = now === 'some'
                  }}
                  type="checkbox"
                  checked={now === 'all'}
                  onChange={() => setHeld(new Map(held).set(tag, now === 'all' ? 'none' : 'all'))}
                />
                <span dir="auto">{tag}</span>
              </label>
            </li>
          ))}
        </ul>
        <label className="field-label" htmlFor={field}>
          {tagging.add}
        </label>
        <div className="field-line">
          <input
            id={field}
            className="input"
            value={fresh}
            autoFocus
            autoComplete="off"
            onChange={(event) => setFresh(event.target.value)}
          />
          <button type="button" className="button" onClick={addFresh}>
            {tagging.addButton}
          </button>
        </div>
        {form.failure !== null && <FormProblem {...form.failure} />}
        <FormFoot submit={strings.save} isBusy={form.isBusy} onCancel={closeDialog} />
      </form>
    </Modal>
  )
}

/** All tags that there are, and how many of these torrents bear each. */
function heldTags(ids: readonly string[]): ReadonlyMap<string, Held> {
  const torrents = torrentsOf(ids)
  const all = new Set(
    [...useStore.getState().feed.torrents.values()].flatMap((torrent) => torrent.tags),
  )
  return new Map(
    [...all].sort().map((tag) => {
      const bearing = torrents.filter((torrent) => torrent.tags.includes(tag)).length
      return [tag, bearing === 0 ? 'none' : bearing === torrents.length ? 'all' : 'some']
    }),
  )
}
