import { useState } from 'react'
import { torrentsOf } from './actions.ts'
import { FolderField, isWholePath } from './folder-field.tsx'
import { FormFoot, FormProblem, Modal } from './modal.tsx'
import { closeDialog } from './store.ts'
import { strings } from './strings.ts'
import { onSubmit, useForm } from './use-form.ts'

/** Asks where the data of some torrents shall go. */
export function MoveDialog({ ids }: { ids: readonly string[] }) {
  const { move } = strings
  const [folder, setFolder] = useState(() => torrentsOf(ids)[0]?.folder ?? '')
  const form = useForm()
  const submit = async (): Promise<void> => {
    if (!isWholePath(folder)) {
      form.setFailure({ message: move.missing, help: '' })
      return
    }
    const result = await form.send({ do: 'move', ids: [...ids], folder: folder.trim() })
    if (result?.ok === true) closeDialog()
  }
  return (
    <Modal title={ids.length > 1 ? move.titleMany(ids.length) : move.title} onClose={closeDialog}>
      <form className="form" noValidate onSubmit={onSubmit(() => void submit())}>
        <FolderField
          label={move.folder}
          hint={move.hint}
          value={folder}
          onChange={setFolder}
          isWrong={form.failure !== null}
          autoFocus
        />
        {form.failure !== null && <FormProblem {...form.failure} />}
        <FormFoot submit={move.submit} isBusy={form.isBusy} onCancel={closeDialog} />
      </form>
    </Modal>
  )
}
