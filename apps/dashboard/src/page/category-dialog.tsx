import { useId, useState } from 'react'
import { FolderField, isWholePath } from './folder-field.tsx'
import { isLabel } from './label-rules.ts'
import { FormFoot, FormProblem, Modal } from './modal.tsx'
import { closeDialog } from './store.ts'
import { strings } from './strings.ts'
import { onSubmit, useForm } from './use-form.ts'

/** Makes a category, and puts the torrents into it where some are named. */
export function CategoryDialog({ ids }: { ids: readonly string[] }) {
  const { category } = strings
  const [name, setName] = useState('')
  const [folder, setFolder] = useState('')
  const form = useForm()
  const field = useId()
  const submit = async (): Promise<void> => {
    const wrong = !isLabel(name.trim())
      ? category.wrong
      : folder.trim() !== '' && !isWholePath(folder)
        ? strings.move.missing
        : null
    if (wrong !== null) {
      form.setFailure({ message: wrong, help: '' })
      return
    }
    const made = await form.send({
      do: 'save-category',
      name: name.trim(),
      folder: folder.trim() === '' ? null : folder.trim(),
    })
    if (made?.ok !== true) return
    if (ids.length > 0) {
      const put = await form.send({ do: 'set-category', ids: [...ids], category: name.trim() })
      if (put?.ok !== true) return
    }
    closeDialog()
  }
  return (
    <Modal
      title={category.title}
      {...(ids.length > 0 ? { lead: category.lead } : {})}
      onClose={closeDialog}
    >
      <form className="form" noValidate onSubmit={onSubmit(() => void submit())}>
        <label className="field-label" htmlFor={field}>
          {category.name}
        </label>
        <input
          id={field}
          className="input"
          value={name}
          autoFocus
          autoComplete="off"
          aria-invalid={form.failure !== null}
          onChange={(event) => setName(event.target.value)}
        />
        <FolderField
          label={category.folder}
          hint={category.folderHint}
          value={folder}
          onChange={setFolder}
        />
        {form.failure !== null && <FormProblem {...form.failure} />}
        <FormFoot submit={category.submit} isBusy={form.isBusy} onCancel={closeDialog} />
      </form>
    </Modal>
  )
}
