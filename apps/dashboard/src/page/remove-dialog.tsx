import { formatBytes } from '@pigeon/control/units'
import { AlertDialog } from 'radix-ui'
import { useState } from 'react'
import { Tick } from './add-dialog.tsx'
import { FormProblem } from './modal.tsx'
import { closeDialog, navigate, run, useStore } from './store.ts'
import { strings } from './strings.ts'

/** Asks before anything is removed. Deleting the data is a second, separate choice, and never the default. */
export function RemoveDialog({ ids }: { ids: readonly string[] }) {
  const { remove } = strings
  const torrent = useStore((state) => state.feed.torrents.get(ids[0] ?? ''))
  const [deleteData, setDeleteData] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<{ message: string; help: string } | null>(null)

  const confirm = async (): Promise<void> => {
    if (isBusy) return
    setBusy(true)
    const result = await run({ do: 'remove', ids: [...ids], deleteData })
    setBusy(false)
    if (!result.ok) {
      setFailure(result.problem)
      return
    }
    const { route } = useStore.getState()
    if (route.view === 'detail' && ids.includes(route.id))
      navigate({ view: 'list' }, { replace: true })
    closeDialog()
  }

  return (
    <AlertDialog.Root open onOpenChange={(isOpen) => !isOpen && closeDialog()}>
      <AlertDialog.Portal>
        <div className="backdrop">
          <AlertDialog.Content className="modal modal-small" aria-modal="true">
            <AlertDialog.Title className="modal-title">
              {ids.length > 1 ? remove.titleMany(ids.length) : remove.title}
            </AlertDialog.Title>
            <AlertDialog.Description asChild>
              <div className="modal-lead">
                {torrent !== undefined && (
                  <p className="remove-name" dir="auto">
                    {torrent.name}
                  </p>
                )}
                <p>
                  {!deleteData || torrent === undefined
                    ? remove.keep
                    : remove.deleteWarning(formatBytes(torrent.doneBytes), torrent.folder)}
                </p>
              </div>
            </AlertDialog.Description>
            <Tick label={remove.deleteData} isOn={deleteData} onChange={setDeleteData} />
            {failure !== null && <FormProblem message={failure.message} help={failure.help} />}
            <footer className="form-foot">
              <AlertDialog.Cancel asChild>
                <button type="button" className="button">
                  {strings.cancel}
                </button>
              </AlertDialog.Cancel>
              <button
                type="button"
                className="button button-danger"
                disabled={isBusy}
                onClick={() => void confirm()}
              >
                {isBusy ? remove.removing : deleteData ? remove.confirmDelete : remove.confirm}
              </button>
            </footer>
          </AlertDialog.Content>
        </div>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
