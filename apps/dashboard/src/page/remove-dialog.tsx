import { formatBytes } from '@pigeon/control/units'
import { AlertDialog } from 'radix-ui'
import { useState } from 'react'
import { torrentsOf } from './actions.ts'
import { FormProblem } from './modal.tsx'
import { currentRoute, navigate } from './navigation.ts'
import { closeDialog } from './store.ts'
import { strings } from './strings.ts'
import { Tick } from './tick.tsx'
import { useForm } from './use-form.ts'
import { useReturnFocus } from './use-return-focus.ts'

/** So many names are shown; of the rest, how many. */
const NAMES = 5

interface RemoveDialogProps {
  readonly ids: readonly string[]
  /** Whether the box is ticked at first: only where that was asked for by its own key. */
  readonly deleteData: boolean
}

/** Asks before anything is removed. Deleting the data is a second, separate choice. */
export function RemoveDialog({ ids, deleteData: isAskedFor }: RemoveDialogProps) {
  const { remove } = strings
  const [torrents] = useState(() => torrentsOf(ids))
  const [deleteData, setDeleteData] = useState(isAskedFor)
  const form = useForm()
  const returnFocus = useReturnFocus()
  const bytes = torrents.reduce((sum, torrent) => sum + torrent.doneBytes, 0)
  const [first] = torrents

  const confirm = async (): Promise<void> => {
    const result = await form.send({ do: 'remove', ids: [...ids], deleteData })
    if (result?.ok !== true) return
    const route = currentRoute()
    if (route.view === 'detail' && ids.includes(route.id))
      navigate({ view: 'list' }, { replace: true })
    closeDialog()
  }

  return (
    <AlertDialog.Root open onOpenChange={(isOpen) => !isOpen && closeDialog()}>
      <AlertDialog.Portal>
        <div className="backdrop">
          <AlertDialog.Content
            className="modal modal-small"
            aria-modal="true"
            onCloseAutoFocus={returnFocus}
          >
            <AlertDialog.Title className="modal-title">
              {ids.length > 1 ? remove.titleMany(ids.length) : remove.title}
            </AlertDialog.Title>
            <AlertDialog.Description asChild>
              <div className="modal-lead">
                {torrents.slice(0, NAMES).map(({ id, name }) => (
                  <p key={id} className="remove-name" dir="auto">
                    {name}
                  </p>
                ))}
                {torrents.length > NAMES && <p>{remove.andMore(torrents.length - NAMES)}</p>}
                <p className={deleteData ? 'remove-warning' : ''}>
                  {!deleteData
                    ? remove.keep
                    : torrents.length === 1 && first !== undefined
                      ? remove.deleteWarning(formatBytes(bytes), first.folder)
                      : remove.deleteWarningMany(formatBytes(bytes))}
                </p>
              </div>
            </AlertDialog.Description>
            <Tick label={remove.deleteData} isOn={deleteData} onChange={setDeleteData} />
            {form.failure !== null && <FormProblem {...form.failure} />}
            <footer className="form-foot">
              <AlertDialog.Cancel asChild>
                <button type="button" className="button">
                  {strings.cancel}
                </button>
              </AlertDialog.Cancel>
              <button
                type="button"
                className="button button-danger"
                aria-busy={form.isBusy}
                onClick={() => void confirm()}
              >
                {form.isBusy ? remove.removing : deleteData ? remove.confirmDelete : remove.confirm}
              </button>
            </footer>
          </AlertDialog.Content>
        </div>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
