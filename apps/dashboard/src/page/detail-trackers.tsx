/** The trackers of one torrent, tier by tier, and a text to change them. */
import type { TrackerDetail } from '@pigeon/control/contract'
import { formatDateTime, formatDuration } from '@pigeon/control/units'
import { type FormEvent, useState } from 'react'
import { IconButton } from './icon-button.tsx'
import { FormProblem } from './modal.tsx'
import { run, runAndTell } from './store.ts'
import { strings } from './strings.ts'
import { readTiers, textOfTiers, type Tiers, tiersOf } from './tracker-tiers.ts'

interface DetailTrackersProps {
  readonly id: string
  readonly trackers: readonly TrackerDetail[]
  readonly onChanged: () => void
}

interface Failure {
  readonly message: string
  readonly help?: string
}

export function DetailTrackers({ id, trackers, onChanged }: DetailTrackersProps) {
  const [isEditing, setEditing] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const words = strings.trackers
  const save = async (tiers: Tiers): Promise<boolean> => {
    const copy = tiers.map((urls) => [...urls])
    const result = await run({ do: 'set-trackers', id, tiers: copy })
    setFailure(result.ok ? null : result.problem)
    onChanged()
    return result.ok
  }
  if (isEditing)
    return (
      <TrackerForm
        tiers={tiersOf(trackers)}
        failure={failure}
        onFailure={setFailure}
        onSave={async (tiers) => {
          if (await save(tiers)) setEditing(false)
        }}
        onCancel={() => {
          setFailure(null)
          setEditing(false)
        }}
      />
    )
  const remove = (gone: TrackerDetail): void =>
    void save(tiersOf(trackers.filter((tracker) => tracker !== gone)))
  return (
    <div className="trackers-part">
      {trackers.length === 0 ? (
        <p className="detail-note">{words.none}</p>
      ) : (
        <TrackerTable trackers={trackers} onRemove={remove} />
      )}
      {failure !== null && <FormProblem {...failure} />}
      <div className="part-actions">
        <button type="button" className="button" onClick={() => setEditing(true)}>
          {words.edit}
        </button>
        {trackers.length > 0 && (
          <button
            type="button"
            className="button"
            onClick={() => void runAndTell({ do: 'reannounce', ids: [id] })}
          >
            {words.ask}
          </button>
        )}
      </div>
    </div>
  )
}

interface TrackerTableProps {
  readonly trackers: readonly TrackerDetail[]
  readonly onRemove: (tracker: TrackerDetail) => void
}

function TrackerTable({ trackers, onRemove }: TrackerTableProps) {
  const words = strings.trackers
  return (
    <table className="table trackers" aria-label={words.label}>
      <thead>
        <tr>
          <th scope="col">{words.columns.url}</th>
          <th scope="col">{words.columns.state}</th>
          <th scope="col" className="number tracker-number">
            {words.columns.seeds}
          </th>
          <th scope="col" className="number tracker-number">
            {words.columns.leechers}
          </th>
          <th scope="col" className="number tracker-next">
            {words.columns.next}
          </th>
          <td />
        </tr>
      </thead>
      <tbody>
        {trackers.map((tracker) => (
          <tr key={`${tracker.tier} ${tracker.url}`} className="tracker" data-state={tracker.state}>
            <th scope="row" className="tracker-url">
              <span className="tracker-address">{tracker.url}</span>
              <span className="tracker-tier">{words.tier(tracker.tier)}</span>
            </th>
            <td>
              <TrackerState tracker={tracker} />
            </td>
            <td className="number tracker-number">{tracker.seeds ?? strings.none}</td>
            <td className="number tracker-number">{tracker.leechers ?? strings.none}</td>
            <td className="number tracker-next">
              {tracker.nextAnnounceInMs === null
                ? strings.none
                : formatDuration(tracker.nextAnnounceInMs)}
            </td>
            <td className="tracker-remove">
              <IconButton
                icon="trash"
                label={words.remove(tracker.url)}
                onClick={() => onRemove(tracker)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function TrackerState({ tracker }: { tracker: TrackerDetail }) {
  const words = strings.trackers
  const { lastAnnounceAtMs: lastMs } = tracker
  return (
    <>
      <span
        className="tracker-state"
        title={lastMs === null ? undefined : words.last(formatDateTime(lastMs))}
      >
        <span className="state-dot" />
        {words.states[tracker.state]}
      </span>
      {tracker.message !== '' && (
        <span className="tracker-message" dir="auto">
          {tracker.message}
        </span>
      )}
    </>
  )
}

interface TrackerFormProps {
  readonly tiers: Tiers
  readonly failure: Failure | null
  readonly onFailure: (failure: Failure) => void
  readonly onSave: (tiers: Tiers) => Promise<void>
  readonly onCancel: () => void
}

function TrackerForm({ tiers, failure, onFailure, onSave, onCancel }: TrackerFormProps) {
  // What the node tells meanwhile does not touch what is being written.
  const [text, setText] = useState(() => textOfTiers(tiers))
  const words = strings.trackers
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const read = readTiers(text)
    if (read.ok) void onSave(read.tiers)
    else
      onFailure({
        message: read.kind === 'many' ? words.tooMany : words.wrong(read.line, read.text),
      })
  }
  return (
    <form
      className="tracker-form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onCancel()
      }}
    >
      <label htmlFor="tracker-text">{words.editLabel}</label>
      <textarea
        id="tracker-text"
        className="input"
        rows={Math.min(16, Math.max(6, text.split('\n').length + 1))}
        value={text}
        spellCheck={false}
        autoFocus
        aria-describedby="tracker-hint"
        aria-invalid={failure !== null}
        onChange={(event) => setText(event.target.value)}
      />
      <p id="tracker-hint" className="field-hint">
        {words.editHint}
      </p>
      {failure !== null && <FormProblem {...failure} />}
      <div className="part-actions">
        <button type="submit" className="button button-primary">
          {words.save}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          {strings.cancel}
        </button>
      </div>
    </form>
  )
}
