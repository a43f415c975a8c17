/** The second step of adding a magnet: its files, as soon as a peer has said which they are. */
import type { FileDetail } from '@pigeon/control/contract'
import { Progress } from 'radix-ui'
import { useEffect, useState } from 'react'
import { getDetail } from './api.ts'
import { FormProblem, Modal } from './modal.tsx'
import { closeDialog, endSession, openDialog, run, useStore } from './store.ts'
import { strings } from './strings.ts'
import { onSubmit, useForm } from './use-form.ts'
import { WantTree } from './want-tree.tsx'

export function ChooseFilesDialog({ ids }: { ids: readonly string[] }) {
  const [id, ...others] = ids
  const torrent = useStore((state) => state.feed.torrents.get(id ?? ''))
  const { add } = strings
  const next = (): void => {
    if (others.length > 0) openDialog({ kind: 'choose-files', ids: others })
    else closeDialog()
  }
  if (id === undefined) return null
  return (
    <Modal
      title={torrent?.hasMetadata === true ? add.chooseTitle : add.waitingTitle}
      lead={torrent?.hasMetadata === true ? add.chooseLead : add.waitingHint}
      size="large"
      onClose={next}
    >
      <p className="shared-name" dir="auto">
        {torrent?.name ?? id}
      </p>
      {torrent?.hasMetadata === true ? (
        <Choice key={id} id={id} onDone={next} />
      ) : (
        <Waiting name={torrent?.name ?? id} onLater={next} />
      )}
    </Modal>
  )
}

function Waiting({ name, onLater }: { name: string; onLater: () => void }) {
  const { add } = strings
  return (
    <div className="form">
      <p role="status">{add.waiting(name)}</p>
      <Progress.Root className="progress waiting" value={null} aria-label={add.waitingTitle}>
        <Progress.Indicator className="progress-fill" />
      </Progress.Root>
      <footer className="form-foot">
        <button type="button" className="button" onClick={onLater}>
          {add.later}
        </button>
      </footer>
    </div>
  )
}

function Choice({ id, onDone }: { id: string; onDone: () => void }) {
  const { add } = strings
  const [files, setFiles] = useState<readonly FileDetail[] | null>(null)
  const [unwanted, setUnwanted] = useState<ReadonlySet<number>>(new Set())
  const form = useForm()
  const { setFailure } = form
  useEffect(() => {
    let isGone = false
    void getDetail(id).then((answer) => {
      if (isGone) return
      if (answer.kind === 'logged-out') endSession('ended')
      else if (answer.kind === 'problem') setFailure(answer.problem)
      else setFiles(answer.value?.files ?? [])
    })
    return () => {
      isGone = true
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- asked once a torrent.
  }, [id])
  const submit = async (): Promise<void> => {
    if (files === null) return
    if (files.length > 0 && unwanted.size === files.length)
      return setFailure({ message: add.noFiles, help: '' })
    const skipped = [...unwanted].map((index) => ({ index, priority: 'skip' as const }))
    if (skipped.length > 0) {
      const set = await form.send({ do: 'set-files', id, files: skipped })
      if (set?.ok !== true) return
    }
    const started = await run({ do: 'resume', ids: [id] })
    if (started.ok) onDone()
    else setFailure(started.problem)
  }
  return (
    <form className="form" onSubmit={onSubmit(() => void submit())}>
      {files === null ? (
        <p>{strings.loading}</p>
      ) : (
        <WantTree files={files} unwanted={unwanted} onChange={setUnwanted} />
      )}
      {form.failure !== null && <FormProblem {...form.failure} />}
      <footer className="form-foot">
        <button type="button" className="button" onClick={onDone}>
          {add.later}
        </button>
        <button type="submit" className="button button-primary" aria-busy={form.isBusy}>
          {add.start}
        </button>
      </footer>
    </form>
  )
}
