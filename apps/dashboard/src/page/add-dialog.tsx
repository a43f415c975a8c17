/** Adds what was typed, pasted, chosen or dropped: any number at once, each answered in its own line. */
import { useId, useMemo, useState } from 'react'
import { type AddFailure, type AddOptions, addAll } from './add-all.ts'
import { AddItemCard } from './add-item-card.tsx'
import { type AddItem, itemsOf, withoutWord } from './add-items.ts'
import { FileChoice } from './file-choice.tsx'
import { FolderField } from './folder-field.tsx'
import { readTags } from './label-rules.ts'
import { FormFoot, FormProblem, Modal } from './modal.tsx'
import { findSources } from './sources.ts'
import { closeDialog, type Dialog, openDialog, tell, useStore } from './store.ts'
import { strings } from './strings.ts'
import { Tick } from './tick.tsx'
import { onSubmit } from './use-form.ts'
import { usePreviews } from './use-previews.ts'

type AddState = Extract<Dialog, { kind: 'add' }>

interface Choices {
  /** `null`: as the category or the node says. */
  readonly folder: string | null
  readonly category: string
  readonly tags: string
  readonly isPaused: boolean
  readonly isSequential: boolean
  readonly isFirst: boolean
  readonly choosesFiles: boolean
}

const FIRST_CHOICES: Choices = {
  folder: null,
  category: '',
  tags: '',
  isPaused: false,
  isSequential: false,
  isFirst: false,
  choosesFiles: false,
}

const NONE: ReadonlySet<number> = new Set()

export function AddDialog({ dialog }: { dialog: AddState }) {
  const { add } = strings
  const [choices, setChoices] = useState(FIRST_CHOICES)
  const [unwanted, setUnwanted] = useState<ReadonlyMap<string, ReadonlySet<number>>>(new Map())
  const [isBusy, setBusy] = useState(false)
  const [failures, setFailures] = useState<readonly AddFailure[]>([])
  const textId = useId()
  const items = useMemo(() => itemsOf(dialog.text, dialog.files), [dialog.text, dialog.files])
  const { unknown } = useMemo(() => findSources(dialog.text), [dialog.text])
  const previews = usePreviews(items)

  const fileIndexes = (key: string): readonly number[] => {
    const state = previews.get(key)
    return state?.kind === 'known' ? state.preview.files.map(({ index }) => index) : []
  }
  const change = (fields: Partial<AddState>): void => {
    setFailures([])
    openDialog({ ...dialog, ...fields })
  }
  const drop = ({ word, file }: AddItem): void =>
    change({
      text: word === null ? dialog.text : withoutWord(dialog.text, word),
      files: dialog.files.filter((each) => each !== file),
    })

  const submit = async (): Promise<void> => {
    if (isBusy) return
    const wrong = wrongIn(items, unknown, choices, fileIndexes, unwanted)
    if (wrong !== null) return setFailures([{ key: '', label: '', message: wrong, help: '' }])
    setBusy(true)
    const done = await addAll(items, (item) =>
      optionsFor(item, choices, fileIndexes(item.key), unwanted.get(item.key) ?? NONE),
    )
    setBusy(false)
    if (done.ids.length > 0) tell('good', add.added(done.ids.length))
    if (done.failures.length > 0) {
      // What was added is gone from the form, what failed stays in it.
      const failed = items.filter(({ key }) => done.failures.some((each) => each.key === key))
      openDialog({
        kind: 'add',
        text: failed.flatMap(({ word }) => word ?? []).join('\n'),
        files: failed.flatMap(({ file }) => file ?? []),
      })
      setFailures(done.failures)
    } else if (done.waiting.length > 0) openDialog({ kind: 'choose-files', ids: done.waiting })
    else closeDialog()
  }

  return (
    <Modal title={add.title} lead={add.lead} size="large" onClose={closeDialog}>
      <form className="form" noValidate onSubmit={onSubmit(() => void submit())}>
        <label className="field-label" htmlFor={textId}>
          {add.text}
        </label>
        <textarea
          id={textId}
          className="input"
          rows={2}
          autoFocus
          spellCheck={false}
          autoCapitalize="off"
          placeholder={add.placeholder}
          value={dialog.text}
          onChange={(event) => change({ text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || items.length === 0) return
            // Links hold no line breaks that matter: Enter adds, Shift + Enter begins a new line.
            event.preventDefault()
            void submit()
          }}
        />
        <FileChoice onChoose={(files) => change({ files: [...dialog.files, ...files] })} />
        {items.length > 0 && (
          <ul className="add-items" aria-label={add.preview}>
            {items.map((item) => (
              <AddItemCard
                key={item.key}
                item={item}
                state={previews.get(item.key)}
                unwanted={unwanted.get(item.key) ?? NONE}
                isAlone={items.length === 1}
                onUnwanted={(next) => setUnwanted(new Map(unwanted).set(item.key, next))}
                onDrop={() => drop(item)}
              />
            ))}
          </ul>
        )}
        <AddChoices
          choices={choices}
          hasMagnets={items.some(({ kind }) => kind === 'magnet')}
          onChange={(some) => setChoices({ ...choices, ...some })}
        />
        {failures.map((failure) => (
          <FormProblem
            key={failure.key}
            message={[failure.label, failure.message].filter(Boolean).join(': ')}
            help={failure.help}
          />
        ))}
        <FormFoot
          submit={isBusy ? add.adding : add.submit(items.length)}
          isBusy={isBusy}
          onCancel={closeDialog}
        />
      </form>
    </Modal>
  )
}

interface AddChoicesProps {
  readonly choices: Choices
  readonly hasMagnets: boolean
  readonly onChange: (some: Partial<Choices>) => void
}

/** Where it goes, what it is called, and when it begins. */
function AddChoices({ choices, hasMagnets, onChange }: AddChoicesProps) {
  const { add } = strings
  const session = useStore((state) => state.feed.session)
  const id = useId()
  const categories = session?.categories ?? []
  const category = categories.find(({ name }) => name === choices.category)
  return (
    <>
      <div className="field-pair">
        <div>
          <label className="field-label" htmlFor={`${id}c`}>
            {add.category}
          </label>
          <select
            id={`${id}c`}
            className="select"
            value={choices.category}
            onChange={(event) => onChange({ category: event.target.value })}
          >
            <option value="">{add.noCategory}</option>
            {categories.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <div>
          <label className="field-label" htmlFor={`${id}t`}>
            {add.tags}
          </label>
          <input
            id={`${id}t`}
            className="input"
            value={choices.tags}
            autoComplete="off"
            placeholder={add.tagsHint}
            onChange={(event) => onChange({ tags: event.target.value })}
          />
        </div>
      </div>
      <FolderField
        label={add.folder}
        hint={add.folderHint}
        value={choices.folder ?? category?.folder ?? session?.defaultFolder ?? ''}
        onChange={(folder) => onChange({ folder })}
      />
      <div className="switches">
        <Tick
          label={add.paused}
          isOn={choices.isPaused}
          onChange={(isPaused) => onChange({ isPaused })}
        />
        <Tick
          label={add.sequential}
          isOn={choices.isSequential}
          onChange={(isSequential) => onChange({ isSequential })}
        />
        <Tick
          label={add.first}
          isOn={choices.isFirst}
          onChange={(isFirst) => onChange({ isFirst })}
        />
        {hasMagnets && (
          <Tick
            label={add.choosing}
            isOn={choices.choosesFiles}
            onChange={(choosesFiles) => onChange({ choosesFiles })}
          />
        )}
      </div>
    </>
  )
}

function wrongIn(
  items: readonly AddItem[],
  unknown: readonly string[],
  { tags }: Choices,
  fileIndexes: (key: string) => readonly number[],
  unwanted: ReadonlyMap<string, ReadonlySet<number>>,
): string | null {
  if (unknown.length > 0) return strings.add.unknown(unknown)
  if (items.length === 0) return strings.add.nothing
  if (readTags(tags).wrong.length > 0) return strings.tagging.wrong
  const isNothingWanted = items.some(({ key }) => {
    const indexes = fileIndexes(key)
    return indexes.length > 0 && indexes.every((index) => unwanted.get(key)?.has(index) === true)
  })
  return isNothingWanted ? strings.add.noFiles : null
}

function optionsFor(
  item: AddItem,
  choices: Choices,
  fileIndexes: readonly number[],
  unwanted: ReadonlySet<number>,
): AddOptions {
  const { tags } = readTags(choices.tags)
  const folder = choices.folder?.trim() ?? ''
  return {
    isPaused: choices.isPaused,
    isSequential: choices.isSequential,
    ...(folder === '' ? {} : { folder }),
    ...(choices.category === '' ? {} : { category: choices.category }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(choices.isFirst ? { isFirst: true } : {}),
    ...(choices.choosesFiles && item.kind === 'magnet' ? { stopAt: 'metadata' as const } : {}),
    ...(unwanted.size === 0
      ? {}
      : { wantedFiles: fileIndexes.filter((index) => !unwanted.has(index)) }),
  }
}
