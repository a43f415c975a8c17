import type { Command, CommandResult } from '@pigeon/control/contract'
import { formatBytes } from '@pigeon/control/units'
import { useEffect, useId, useRef, useState } from 'react'
import { getDetail } from './api.ts'
import { FolderField, isWholePath } from './folder-field.tsx'
import { copyText } from './hand-over.ts'
import { Icon } from './icons.tsx'
import { FormFoot, FormProblem, Modal } from './modal.tsx'
import { navigate } from './navigation.ts'
import { JobLine } from './status-bar.tsx'
import { closeDialog, tell, useStore } from './store.ts'
import { strings } from './strings.ts'
import { Tick } from './tick.tsx'
import { onSubmit, useForm } from './use-form.ts'

/** Names a file or folder on the node's machine, and gets a link to give to others. */
export function ShareDialog() {
  const [shared, setShared] = useState<{ id: string; magnet: string } | null>(null)
  return shared === null ? (
    <ShareForm onShared={setShared} />
  ) : (
    <Shared id={shared.id} magnet={shared.magnet} />
  )
}

interface ShareFields {
  readonly path: string
  readonly trackers: string
  readonly comment: string
  readonly pieceLength: number | null
  readonly isPrivate: boolean
}

const FIRST: ShareFields = {
  path: '',
  trackers: '',
  comment: '',
  pieceLength: null,
  isPrivate: false,
}

/** 16 KiB to 16 MiB; `null`: by the size of what is shared. */
const PIECE_LENGTHS = Array.from({ length: 11 }, (_, power) => 16_384 * 2 ** power)

function ShareForm({ onShared }: { onShared: (shared: { id: string; magnet: string }) => void }) {
  const { share } = strings
  const [fields, setFields] = useState(FIRST)
  const form = useForm()
  const isOpen = useRef(true)
  const id = useId()
  useEffect(() => {
    isOpen.current = true
    return () => {
      isOpen.current = false
    }
  }, [])
  const change = (some: Partial<ShareFields>): void => {
    form.setFailure(null)
    setFields({ ...fields, ...some })
  }
  const submit = async (): Promise<void> => {
    const wrong = wrongPath(fields.path)
    if (wrong !== null) return form.setFailure({ message: wrong, help: '' })
    const result = await form.send(commandOf(fields))
    const shared = result?.ok === true ? result.ids[0] : undefined
    if (!isOpen.current) tellLater(fields.path, result)
    else if (shared !== undefined) onShared({ id: shared, magnet: await magnetOfShared(shared) })
  }
  return (
    <Modal title={share.title} lead={share.lead} size="large" onClose={closeDialog}>
      <form className="form" noValidate onSubmit={onSubmit(() => void submit())}>
        <FolderField
          label={share.path}
          placeholder={share.pathPlaceholder}
          value={fields.path}
          onChange={(path) => change({ path })}
          isWrong={form.failure !== null}
          withFiles
          autoFocus
        />
        {form.failure !== null && <FormProblem {...form.failure} />}
        <label className="field-label" htmlFor={`${id}t`}>
          {share.trackers}
        </label>
        <textarea
          id={`${id}t`}
          className="input"
          rows={2}
          spellCheck={false}
          autoCapitalize="off"
          aria-describedby={`${id}h`}
          value={fields.trackers}
          onChange={(event) => change({ trackers: event.target.value })}
        />
        <p className="field-hint" id={`${id}h`}>
          {share.trackersHint}
        </p>
        <div className="field-pair">
          <div>
            <label className="field-label" htmlFor={`${id}c`}>
              {share.comment}
            </label>
            <input
              id={`${id}c`}
              className="input"
              maxLength={1024}
              value={fields.comment}
              onChange={(event) => change({ comment: event.target.value })}
            />
          </div>
          <PieceLength
            value={fields.pieceLength}
            onChange={(pieceLength) => change({ pieceLength })}
          />
        </div>
        <div className="switches">
          <Tick
            label={share.private}
            hint={share.privateHint}
            isOn={fields.isPrivate}
            onChange={(isPrivate) => change({ isPrivate })}
          />
        </div>
        {form.isBusy && <Hashing path={fields.path.trim()} />}
        {form.isBusy ? (
          <footer className="form-foot">
            <button type="button" className="button" onClick={closeDialog}>
              {share.background}
            </button>
          </footer>
        ) : (
          <FormFoot submit={share.submit} onCancel={closeDialog} />
        )}
      </form>
    </Modal>
  )
}

interface PieceLengthProps {
  readonly value: number | null
  readonly onChange: (value: number | null) => void
}

function PieceLength({ value, onChange }: PieceLengthProps) {
  const { share } = strings
  const id = useId()
  return (
    <div>
      <label className="field-label" htmlFor={id}>
        {share.pieceLength}
      </label>
      <select
        id={id}
        className="select"
        value={value ?? ''}
        onChange={(event) =>
          onChange(PIECE_LENGTHS.find((each) => String(each) === event.target.value) ?? null)
        }
      >
        <option value="">{share.pieceAuto}</option>
        {PIECE_LENGTHS.map((lengthBytes) => (
          <option key={lengthBytes} value={lengthBytes}>
            {formatBytes(lengthBytes)}
          </option>
        ))}
      </select>
    </div>
  )
}

/** How far it is, and a way to stop it. */
function Hashing({ path }: { path: string }) {
  const job = useStore((state) => state.feed.session?.jobs.find((each) => each.path === path))
  if (job === undefined) return <p role="status">{strings.share.sharing}</p>
  return (
    <div className="jobs jobs-inside">
      <JobLine job={job} />
    </div>
  )
}

function commandOf(fields: ShareFields): Extract<Command, { do: 'share' }> {
  const trackers = fields.trackers.split(/\s+/).filter(Boolean)
  const comment = fields.comment.trim()
  return {
    do: 'share',
    path: fields.path.trim(),
    ...(trackers.length > 0 ? { trackers } : {}),
    ...(comment === '' ? {} : { comment }),
    ...(fields.pieceLength === null ? {} : { pieceLength: fields.pieceLength }),
    isPrivate: fields.isPrivate,
  }
}

/** The dialog was closed meanwhile: what came of it is told as a notice. */
function tellLater(path: string, result: CommandResult | null): void {
  if (result?.ok === true) tell('good', strings.share.doneNotice(path))
  else if (result !== null) tell('bad', result.problem.message, result.problem.help)
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
  if (path.trim() === '') return strings.share.missing
  return isWholePath(path) ? null : strings.share.relative
}

async function magnetOfShared(id: string): Promise<string> {
  const answer = await getDetail(id)
  return answer.kind === 'ok' && answer.value !== null
    ? answer.value.magnet
    : `magnet:?xt=urn:btih:${id}`
}
