/** The categories: made, changed and removed. */
import type { Category } from '@pigeon/control/contract'
import { formatLimit, formatRatio } from '@pigeon/control/units'
import { AlertDialog } from 'radix-ui'
import { useId, useState } from 'react'
import { FolderField, isWholePath } from './folder-field.tsx'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { KIB, readNumber, textOf } from './limits-form.ts'
import { FormProblem } from './modal.tsx'
import { SaveBar, Section } from './settings-form.tsx'
import { openDialog, runAndTell, useStore } from './store.ts'
import { strings } from './strings.ts'
import { onSubmit, useForm } from './use-form.ts'

export function CategoriesSection() {
  const categories = useStore((state) => state.feed.session?.categories) ?? []
  const [editing, setEditing] = useState<string | null>(null)
  const { settings: words } = strings
  return (
    <Section id="categories" title={words.categories}>
      {categories.length === 0 && <p className="settings-lead">{words.noCategories}</p>}
      <ul className="category-list">
        {categories.map((category) => (
          <li key={category.name} className="category">
            <CategoryLine
              category={category}
              isEditing={editing === category.name}
              onEdit={() => setEditing(editing === category.name ? null : category.name)}
            />
            {editing === category.name && (
              <CategoryForm category={category} onDone={() => setEditing(null)} />
            )}
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button"
        onClick={() => openDialog({ kind: 'category', ids: [] })}
      >
        <Icon name="plus" />
        {words.addCategory}
      </button>
    </Section>
  )
}

interface CategoryLineProps {
  readonly category: Category
  readonly isEditing: boolean
  readonly onEdit: () => void
}

function CategoryLine({ category, isEditing, onEdit }: CategoryLineProps) {
  const { settings: words } = strings
  const { name, folder, limits } = category
  const count = useStore(
    (state) =>
      [...state.feed.torrents.values()].filter((torrent) => torrent.category === name).length,
  )
  const facts = [
    words.categoryCount(count),
    folder ?? words.categoryFolderDefault,
    limits.down !== null && `↓ ${formatLimit(limits.down)}`,
    limits.up !== null && `↑ ${formatLimit(limits.up)}`,
    typeof limits.ratio === 'number' && `${words.ratio} ${formatRatio(limits.ratio)}`,
  ].filter((fact) => fact !== false)
  return (
    <div className="category-line">
      <div className="category-words">
        <span className="category-name" dir="auto">
          {name}
        </span>
        <span className="field-hint">{facts.join(' · ')}</span>
      </div>
      <IconButton
        icon="pen"
        label={words.editCategory(name)}
        aria-expanded={isEditing}
        onClick={onEdit}
      />
      <RemoveCategory name={name} count={count} />
    </div>
  )
}

function RemoveCategory({ name, count }: { name: string; count: number }) {
  const { settings: words } = strings
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>
        <IconButton icon="trash" label={words.removeCategory(name)} />
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <div className="backdrop">
          <AlertDialog.Content className="modal modal-small">
            <AlertDialog.Title className="modal-title">
              {words.removeCategoryTitle(name)}
            </AlertDialog.Title>
            <AlertDialog.Description className="modal-lead">
              {words.removeCategoryText(count)}
            </AlertDialog.Description>
            <footer className="form-foot">
              <AlertDialog.Cancel className="button">{strings.cancel}</AlertDialog.Cancel>
              <AlertDialog.Action
                className="button button-danger"
                onClick={() => void runAndTell({ do: 'remove-category', name })}
              >
                {words.remove}
              </AlertDialog.Action>
            </footer>
          </AlertDialog.Content>
        </div>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

function CategoryForm({ category, onDone }: { category: Category; onDone: () => void }) {
  const { settings: words } = strings
  const [folder, setFolder] = useState(category.folder ?? '')
  const [texts, setTexts] = useState(() => ({
    down: category.limits.down === null ? '' : textOf(category.limits.down / KIB),
    up: category.limits.up === null ? '' : textOf(category.limits.up / KIB),
    ratio: typeof category.limits.ratio === 'number' ? textOf(category.limits.ratio) : '',
  }))
  const form = useForm()
  const read = (text: string): number | null | 'wrong' =>
    text.trim() === '' ? null : (readNumber(text) ?? 'wrong')
  const submit = async (): Promise<void> => {
    const [down, up, ratio] = [read(texts.down), read(texts.up), read(texts.ratio)]
    if (down === 'wrong' || up === 'wrong' || ratio === 'wrong')
      return form.setFailure({ message: words.wrongNumber, help: '' })
    if (folder.trim() !== '' && !isWholePath(folder))
      return form.setFailure({ message: strings.move.missing, help: '' })
    const result = await form.send({
      do: 'save-category',
      name: category.name,
      folder: folder.trim() === '' ? null : folder.trim(),
      limits: {
        down: down === null ? null : Math.round(down * KIB),
        up: up === null ? null : Math.round(up * KIB),
        // "Never" is kept unless a number takes its place.
        ...(ratio === null && category.limits.ratio === 'never' ? {} : { ratio }),
      },
    })
    if (result?.ok === true) onDone()
  }
  return (
    <form className="category-form" noValidate onSubmit={onSubmit(() => void submit())}>
      <FolderField
        label={strings.category.folder}
        hint={strings.category.folderHint}
        value={folder}
        onChange={setFolder}
      />
      <div className="field-pair">
        <SmallField
          label={`${words.down} (${words.unit})`}
          value={texts.down}
          onChange={(down) => setTexts({ ...texts, down })}
        />
        <SmallField
          label={`${words.up} (${words.unit})`}
          value={texts.up}
          onChange={(up) => setTexts({ ...texts, up })}
        />
        <SmallField
          label={words.ratio}
          value={texts.ratio}
          onChange={(ratio) => setTexts({ ...texts, ratio })}
        />
      </div>
      {form.failure !== null && <FormProblem {...form.failure} />}
      <SaveBar isShown isBusy={form.isBusy} onReset={onDone} />
    </form>
  )
}

interface SmallFieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (text: string) => void
}

function SmallField({ label, value, onChange }: SmallFieldProps) {
  const id = useId()
  return (
    <div>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className="input input-number"
        inputMode="decimal"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  )
}
