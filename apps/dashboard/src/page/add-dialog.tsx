/** Adds what was typed, pasted, chosen or dropped: any number at once, each answered in its own line. */
import type { CommandResult } from '@pigeon/control/contract'
import { type FormEvent, useId, useRef, useState } from 'react'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { FormProblem, Modal } from './modal.tsx'
import { findSources, type Source } from './sources.ts'
import { closeDialog, type Dialog, openDialog, run, tell, useStore } from './store.ts'
import { strings } from './strings.ts'
import { toBase64 } from './torrent-file.ts'

type AddState = Extract<Dialog, { kind: 'add' }>

interface Failure {
  readonly label: string
  readonly message: string
  readonly help: string
}

interface AddOptions {
  readonly folder?: string
  readonly isPaused: boolean
  readonly isSequential: boolean
}

/** One thing to add, and how the user knows it. */
interface Item {
  readonly label: string
  readonly read: () => Promise<Source>
}

export function AddDialog({ dialog }: { dialog: AddState }) {
  const { add } = strings
  const defaultFolder = useStore((state) => state.feed.session?.defaultFolder ?? '')
  const [folder, setFolder] = useState(defaultFolder)
  const [isPaused, setPaused] = useState(false)
  const [isSequential, setSequential] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [failures, setFailures] = useState<readonly Failure[]>([])
  const ids = { text: useId(), folder: useId(), folderHint: useId() }
  const { sources, unknown } = findSources(dialog.text)
  const count = sources.length + dialog.files.length

  const change = (fields: Partial<AddState>): void => {
    setFailures([])
    openDialog({ ...dialog, ...fields })
  }

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (isBusy) return
    if (count === 0 || unknown.length > 0) {
      const message = unknown.length > 0 ? add.unknown(unknown) : add.nothing
      setFailures([{ label: '', message, help: '' }])
      return
    }
    setBusy(true)
    const options = {
      isPaused,
      isSequential,
      ...(folder.trim() === '' || folder === defaultFolder ? {} : { folder: folder.trim() }),
    }
    const rest = await addAll(toItems(sources, dialog.files), options)
    setBusy(false)
    const addedCount = count - rest.failures.length
    if (addedCount > 0) tell('good', add.added(addedCount))
    if (rest.failures.length === 0) closeDialog()
    else {
      // What was added is gone from the form, what failed stays in it.
      openDialog({
        kind: 'add',
        text: dialog.text
          .split(/\s+/)
          .filter((word) => rest.labels.has(word))
          .join('\n'),
        files: dialog.files.filter((file) => rest.labels.has(file.name)),
      })
      setFailures(rest.failures)
    }
  }

  return (
    <Modal title={add.title} lead={add.lead} onClose={closeDialog}>
      <form className="form" noValidate onSubmit={(event) => void submit(event)}>
        <label className="field-label" htmlFor={ids.text}>
          {add.text}
        </label>
        <textarea
          id={ids.text}
          className="input input-tall"
          rows={4}
          autoFocus
          spellCheck={false}
          autoCapitalize="off"
          placeholder={add.placeholder}
          value={dialog.text}
          onChange={(event) => change({ text: event.target.value })}
          onKeyDown={(event) => {
            // Links hold no line breaks that matter: Enter adds, Shift + Enter begins a new line.
            if (event.key === 'Enter' && !event.shiftKey && count > 0) void submit(event)
          }}
        />
        <FileChoice files={dialog.files} onChange={(files) => change({ files })} />
        <label className="field-label" htmlFor={ids.folder}>
          {add.folder}
        </label>
        <input
          id={ids.folder}
          className="input"
          value={folder}
          spellCheck={false}
          autoCapitalize="off"
          aria-describedby={ids.folderHint}
          onChange={(event) => setFolder(event.target.value)}
        />
        <p className="field-hint" id={ids.folderHint}>
          {add.folderHint}
        </p>
        <div className="switches">
          <Tick label={add.paused} hint={''} isOn={isPaused} onChange={setPaused} />
          <Tick label={add.sequential} isOn={isSequential} onChange={setSequential} />
        </div>
        {failures.map((failure) => (
          <FormProblem
            key={failure.label}
            message={[failure.label, failure.message].filter(Boolean).join(': ')}
            help={failure.help}
          />
        ))}
        <footer className="form-foot">
          <button type="button" className="button" onClick={closeDialog}>
            {strings.cancel}
          </button>
          <button type="submit" className="button button-primary" disabled={isBusy}>
            {isBusy ? add.adding : add.submit(count)}
          </button>
        </footer>
      </form>
    </Modal>
  )
}

interface FileChoiceProps {
  readonly files: readonly File[]
  readonly onChange: (files: readonly File[]) => void
}

function FileChoice({ files, onChange }: FileChoiceProps) {
  const input = useRef<HTMLInputElement>(null)
  const { add } = strings
  return (
    <div className="file-choice">
      <input
        ref={input}
        type="file"
        className="hidden-label"
        tabIndex={-1}
        aria-label={add.choose}
        accept=".torrent,application/x-bittorrent"
        multiple
        onChange={(event) => {
          onChange([...files, ...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
      <button type="button" className="button" onClick={() => input.current?.click()}>
        <Icon name="file" />
        {add.choose}
      </button>
      <span className="field-hint">{add.orDrop}</span>
      {files.length > 0 && (
        <ul className="chosen" aria-label={add.files}>
          {files.map((file) => (
            <li key={`${file.name} ${file.size} ${file.lastModified}`} className="chosen-file">
              <Icon name="file" />
              <span className="chosen-name" dir="auto">
                {file.name}
              </span>
              <IconButton
                icon="close"
                label={add.removeFile(file.name)}
                onClick={() => onChange(files.filter((each) => each !== file))}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

interface TickProps {
  readonly label: string
  readonly hint?: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}

/** A box to tick, with its words. */
export function Tick({ label, hint, isOn, onChange }: TickProps) {
  return (
    <label className="tick">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      <span>
        {label}
        {hint !== undefined && <span className="tick-hint"> {hint}</span>}
      </span>
    </label>
  )
}

function toItems(sources: readonly Source[], files: readonly File[]): readonly Item[] {
  return [
    ...sources.map((source) => ({ label: labelOf(source), read: () => Promise.resolve(source) })),
    ...files.map((file) => ({ label: file.name, read: () => readTorrentFile(file) })),
  ]
}

function labelOf(source: Source): string {
  return source.kind === 'url' ? source.url : source.kind === 'magnet' ? source.uri : ''
}

async function readTorrentFile(file: File): Promise<Source> {
  return { kind: 'metainfo', base64: await toBase64(file) }
}

async function addAll(items: readonly Item[], options: AddOptions) {
  const failures: Failure[] = []
  const labels = new Set<string>()
  for (const item of items) {
    const result = await addOne(item, options)
    if (result.ok) continue
    failures.push({ label: shorten(item.label), ...result.problem })
    labels.add(item.label)
    for (const hash of item.label.match(/[0-9a-z]{32,64}$/i) ?? []) labels.add(hash)
  }
  return { failures, labels }
}

async function addOne(item: Item, options: AddOptions): Promise<CommandResult> {
  try {
    return await run({ do: 'add', source: await item.read(), ...options })
  } catch (error) {
    const isTooLarge = error instanceof RangeError
    const message = isTooLarge
      ? strings.add.tooLarge(item.label)
      : strings.add.unreadable(item.label)
    return { ok: false, problem: { code: 'unreadable', message, help: '' }, ids: [] }
  }
}

function shorten(label: string): string {
  return label.length > 60 ? `${label.slice(0, 57)}…` : label
}
