/** A path on the node's machine: written, or picked from what its operator lets one see. */
import type { FolderListing } from '@pigeon/control/contract'
import { formatBytes } from '@pigeon/control/units'
import { useId, useState } from 'react'
import { getFolder } from './api.ts'
import { Icon } from './icons.tsx'
import { FormProblem } from './modal.tsx'
import { endSession } from './store.ts'
import { strings } from './strings.ts'
import type { FormFailure } from './use-form.ts'

interface FolderFieldProps {
  readonly label: string
  readonly hint?: string
  readonly placeholder?: string
  readonly value: string
  readonly onChange: (path: string) => void
  /** Files may be picked as well. */
  readonly withFiles?: boolean
  readonly isWrong?: boolean
  readonly autoFocus?: boolean
}

export function FolderField(props: FolderFieldProps) {
  const { label, hint, value, onChange, withFiles = false } = props
  const id = useId()
  const [isPicking, setPicking] = useState(false)
  return (
    <>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="field-line">
        <input
          id={id}
          className="input"
          value={value}
          autoFocus={props.autoFocus}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          placeholder={props.placeholder}
          aria-invalid={props.isWrong === true}
          aria-describedby={hint === undefined ? undefined : `${id}h`}
          onChange={(event) => onChange(event.target.value)}
        />
        <button
          type="button"
          className="button"
          aria-expanded={isPicking}
          onClick={() => setPicking(!isPicking)}
        >
          <Icon name="folder" />
          {strings.pick.browse}
        </button>
      </div>
      {hint !== undefined && (
        <p className="field-hint" id={`${id}h`}>
          {hint}
        </p>
      )}
      {isPicking && (
        <FolderPicker
          start={value.trim()}
          withFiles={withFiles}
          onPick={(path) => {
            onChange(path)
            setPicking(false)
          }}
        />
      )}
    </>
  )
}

interface FolderPickerProps {
  readonly start: string
  readonly withFiles: boolean
  readonly onPick: (path: string) => void
}

function FolderPicker({ start, withFiles, onPick }: FolderPickerProps) {
  const { listing, failure, go } = useFolder(start)
  const { pick } = strings
  const entries = (listing?.entries ?? []).filter(({ kind }) => withFiles || kind === 'folder')
  return (
    <section className="picker" aria-label={withFiles ? pick.titleAny : pick.title}>
      <header className="picker-head">
        <button
          type="button"
          className="button button-small"
          onClick={() => go(listing?.parent ?? null)}
        >
          <Icon name="up" />
          {listing?.parent === null ? pick.roots : pick.up}
        </button>
        <span className="picker-path" dir="ltr" title={listing?.path ?? undefined}>
          {listing?.path ?? pick.roots}
        </span>
        {listing?.freeBytes != null && (
          <span className="picker-free">{pick.free(formatBytes(listing.freeBytes))}</span>
        )}
      </header>
      {failure !== null && <FormProblem message={failure.message} help={failure.help} />}
      <ul className="picker-list" aria-busy={listing === null}>
        {entries.map((entry) => (
          <li key={entry.path}>
            <button
              type="button"
              className="picker-entry"
              onClick={() => (entry.kind === 'folder' ? go(entry.path) : onPick(entry.path))}
            >
              <Icon name={entry.kind === 'folder' ? 'folder' : 'file'} />
              <span className="picker-name" dir="auto">
                {entry.name}
              </span>
              {entry.lengthBytes !== null && (
                <span className="picker-size">{formatBytes(entry.lengthBytes)}</span>
              )}
            </button>
          </li>
        ))}
        {listing !== null && entries.length === 0 && <li className="picker-note">{pick.empty}</li>}
        {listing?.isCut === true && <li className="picker-note">{pick.cut}</li>}
      </ul>
      {listing?.path != null && (
        <footer className="picker-foot">
          <PickButton path={listing.path} onPick={onPick} />
        </footer>
      )}
    </section>
  )
}

function PickButton({ path, onPick }: { path: string; onPick: (path: string) => void }) {
  return (
    <button type="button" className="button button-small" onClick={() => onPick(path)}>
      <Icon name="check" />
      {strings.pick.choose}
    </button>
  )
}

/** The folder that is shown; where the written one cannot be, the folders to begin with. */
function useFolder(start: string) {
  const [listing, setListing] = useState<FolderListing | null>(null)
  const [failure, setFailure] = useState<FormFailure | null>(null)
  const [isBegun, setBegun] = useState(false)
  const go = (path: string | null, isFirst = false): void => {
    void getFolder(path).then((answer) => {
      if (answer.kind === 'logged-out') endSession('ended')
      else if (answer.kind === 'ok') {
        setListing(answer.value)
        setFailure(null)
      } else if (isFirst && path !== null) go(null)
      else setFailure(answer.problem)
    })
  }
  if (!isBegun) {
    setBegun(true)
    go(start === '' ? null : start, true)
  }
  return { listing, failure, go }
}

/** A whole path: of any system, for a node may run on Windows too (C:\ and \\server). */
export function isWholePath(path: string): boolean {
  return /^(\/|[a-z]:[\\/]|\\\\)/i.test(path.trim())
}
