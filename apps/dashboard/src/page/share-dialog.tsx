import { type FormEvent, useId, useState } from 'react'
import { Tick } from './tick.tsx'
import { getDetail } from './api.ts'
import { copyText } from './hand-over.ts'
import { Icon } from './icons.tsx'
import { FormProblem, Modal } from './modal.tsx'
import { navigate } from './navigation.ts'
import { closeDialog, run, useStore } from './store.ts'
import { strings } from './strings.ts'

/** Names a file or folder on the node's machine, and gets a link to give to others. */
export function ShareDialog() {
  const [shared, setShared] = useState<{ id: string; magnet: string } | null>(null)
  return shared === null ? (
    <ShareForm onShared={setShared} />
  ) : (
    <Shared id={shared.id} magnet={shared.magnet} />
  )
}

interface FormFailure {
  readonly message: string
  readonly help: string
}

function ShareForm({ onShared }: { onShared: (shared: { id: string; magnet: string }) => void }) {
  const { share } = strings
  const [path, setPath] = useState('')
  const [trackers, setTrackers] = useState('')
  const [comment, setComment] = useState('')
  const [isPrivate, setPrivate] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<FormFailure | null>(null)
  const ids = {
    path: useId(),
    problem: useId(),
    trackers: useId(),
    hint: useId(),
    comment: useId(),
  }

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (isBusy) return
    const wrong = wrongPath(path)
    setFailure(wrong === null ? null : { message: wrong, help: '' })
    if (wrong !== null) return
    setBusy(true)
    const list = trackers.split(/\s+/).filter(Boolean)
    const result = await run({
      do: 'share',
      path: path.trim(),
      ...(list.length > 0 ? { trackers: list } : {}),
      ...(comment.trim() === '' ? {} : { comment: comment.trim() }),
      isPrivate,
    })
    setBusy(false)
    const id = result.ids[0]
    if (!result.ok) setFailure(result.problem)
    else if (id !== undefined) onShared({ id, magnet: await magnetOfShared(id) })
  }

  return (
    <Modal title={share.title} lead={share.lead} onClose={closeDialog}>
      <form className="form" noValidate onSubmit={(event) => void submit(event)}>
        <label className="field-label" htmlFor={ids.path}>
          {share.path}
        </label>
        <input
          id={ids.path}
          className="input"
          autoFocus
          spellCheck={false}
          autoCapitalize="off"
          placeholder={share.pathPlaceholder}
          value={path}
          aria-invalid={failure !== null}
          aria-describedby={ids.problem}
          onChange={(event) => {
            setFailure(null)
            setPath(event.target.value)
          }}
        />
        <div id={ids.problem}>
          {failure !== null && <FormProblem message={failure.message} help={failure.help} />}
        </div>
        <label className="field-label" htmlFor={ids.trackers}>
          {share.trackers}
        </label>
        <textarea
          id={ids.trackers}
          className="input"
          rows={2}
          spellCheck={false}
          autoCapitalize="off"
          aria-describedby={ids.hint}
          value={trackers}
          onChange={(event) => setTrackers(event.target.value)}
        />
        <p className="field-hint" id={ids.hint}>
          {share.trackersHint}
        </p>
        <label className="field-label" htmlFor={ids.comment}>
          {share.comment}
        </label>
        <input
          id={ids.comment}
          className="input"
          maxLength={1024}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
        <div className="switches">
          <Tick
            label={share.private}
            hint={share.privateHint}
            isOn={isPrivate}
            onChange={setPrivate}
          />
        </div>
        <footer className="form-foot">
          <button type="button" className="button" onClick={closeDialog}>
            {strings.cancel}
          </button>
          <button type="submit" className="button button-primary" disabled={isBusy}>
            {isBusy ? share.sharing : share.submit}
          </button>
        </footer>
      </form>
    </Modal>
  )
}

function Shared({ id, magnet }: { id: string; magnet: string }) {
  const { share } = strings
  const name = useStore((state) => state.feed.torrents.get(id)?.name ?? '')
  const show = (): void => {
    closeDialog()
    navigate({ view: 'detail', id, tab: 'overview' })
  }
  return (
    <Modal title={share.doneTitle} lead={share.doneText} onClose={closeDialog}>
      <div className="form">
        <p className="shared-name" dir="auto">
          {name}
        </p>
        <div className="copy-field">
          <input className="input" readOnly value={magnet} aria-label={strings.detail.magnet} />
          <button type="button" className="button" onClick={() => void copyText(magnet)}>
            {strings.copy}
          </button>
        </div>
        <footer className="form-foot">
          <button type="button" className="button" onClick={closeDialog}>
            {strings.close}
          </button>
          <button type="button" className="button button-primary" onClick={show}>
            <Icon name="list" />
            {share.show}
          </button>
        </footer>
      </div>
    </Modal>
  )
}

function wrongPath(path: string): string | null {
  const trimmed = path.trim()
  if (trimmed === '') return strings.share.missing
  // A node may run on Windows: C:\ and \\server are whole paths too.
  return /^(\/|[a-z]:[\\/]|\\\\)/i.test(trimmed) ? null : strings.share.relative
}

async function magnetOfShared(id: string): Promise<string> {
  const answer = await getDetail(id)
  return answer.kind === 'ok' && answer.value !== null
    ? answer.value.magnet
    : `magnet:?xt=urn:btih:${id}`
}
