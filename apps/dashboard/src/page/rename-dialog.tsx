import { useId, useState } from 'react'
import { torrentsOf } from './actions.ts'
import { FormFoot, FormProblem, Modal } from './modal.tsx'
import { closeDialog } from './store.ts'
import { strings } from './strings.ts'
import { onSubmit, useForm } from './use-form.ts'

/** Asks for a new name of a torrent and of what it is on the disk. */
export function RenameDialog({ id }: { id: string }) {
  const { rename } = strings
  const [name, setName] = useState(() => torrentsOf([id])[0]?.name ?? '')
  const form = useForm()
  const field = useId()
  const submit = async (): Promise<void> => {
    if (!/^[^/]{1,240}$/u.test(name.trim())) {
      form.setFailure({ message: rename.wrong, help: '' })
      return
    }
    const result = await form.send({ do: 'rename', id, name: name.trim() })
    if (result?.ok === true) closeDialog()
  }
  return (
    <Modal title={rename.title} lead={rename.lead} onClose={closeDialog}>
      <form className="form" noValidate onSubmit={onSubmit(() => void submit())}>
        <label className="field-label" htmlFor={field}>
          {rename.name}
        </label>
        <input
          id={field}
          className="input"
          dir="auto"
          value={name}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          aria-invalid={form.failure !== null}
          onFocus={(event) => event.target.select()}
          onChange={(event) => setName(event.target.value)}
        />
        {form.failure !== null && <FormProblem {...form.failure} />}
        <FormFoot submit={rename.submit} isBusy={form.isBusy} onCancel={closeDialog} />
      </form>
    </Modal>
  )
}
