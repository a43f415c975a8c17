/** The one dialog that is open. Their scripts come after the page, in an idle moment, so that each opens at once. */
import { type ComponentType, lazy, Suspense, useEffect } from 'react'
import { useStore } from './store.ts'

const load = {
  add: () => import('./add-dialog.tsx').then(({ AddDialog }) => AddDialog),
  share: () => import('./share-dialog.tsx').then(({ ShareDialog }) => ShareDialog),
  remove: () => import('./remove-dialog.tsx').then(({ RemoveDialog }) => RemoveDialog),
  move: () => import('./move-dialog.tsx').then(({ MoveDialog }) => MoveDialog),
  rename: () => import('./rename-dialog.tsx').then(({ RenameDialog }) => RenameDialog),
  tags: () => import('./tags-dialog.tsx').then(({ TagsDialog }) => TagsDialog),
  limits: () => import('./limits-dialog.tsx').then(({ LimitsDialog }) => LimitsDialog),
  category: () => import('./category-dialog.tsx').then(({ CategoryDialog }) => CategoryDialog),
  chooseFiles: () => import('./choose-files-dialog.tsx').then((part) => part.ChooseFilesDialog),
  filters: () => import('./filters-dialog.tsx').then(({ FiltersDialog }) => FiltersDialog),
  shortcuts: () => import('./shortcuts-dialog.tsx').then((part) => part.ShortcutsDialog),
  filterHelp: () => import('./filter-help-dialog.tsx').then((part) => part.FilterHelpDialog),
}

const AddDialog = later(load.add)
const ShareDialog = later(load.share)
const RemoveDialog = later(load.remove)
const MoveDialog = later(load.move)
const RenameDialog = later(load.rename)
const TagsDialog = later(load.tags)
const LimitsDialog = later(load.limits)
const CategoryDialog = later(load.category)
const ChooseFilesDialog = later(load.chooseFiles)
const FiltersDialog = later(load.filters)
const ShortcutsDialog = later(load.shortcuts)
const FilterHelpDialog = later(load.filterHelp)

export function Dialogs() {
  useEffect(() => {
    const timer = setTimeout(() => {
      // What cannot be had now is asked for again when it is needed.
      for (const part of Object.values(load)) part().catch(() => null)
    }, IDLE_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <Suspense fallback={null}>
      <OpenDialog />
    </Suspense>
  )
}

/** The first sight has priority. */
const IDLE_AFTER_MS = 3_000

function OpenDialog() {
  const dialog = useStore((state) => state.dialog)
  if (dialog === null) return null
  switch (dialog.kind) {
    case 'add':
      return <AddDialog dialog={dialog} />
    case 'share':
      return <ShareDialog />
    case 'remove':
      return <RemoveDialog ids={dialog.ids} deleteData={dialog.deleteData} />
    case 'move':
      return <MoveDialog ids={dialog.ids} />
    case 'rename':
      return <RenameDialog id={dialog.id} />
    case 'tags':
      return <TagsDialog ids={dialog.ids} />
    case 'limits':
      return <LimitsDialog ids={dialog.ids} />
    case 'category':
      return <CategoryDialog ids={dialog.ids} />
    case 'choose-files':
      return <ChooseFilesDialog ids={dialog.ids} />
    case 'filters':
      return <FiltersDialog />
    case 'shortcuts':
      return <ShortcutsDialog />
    case 'filter-help':
      return <FilterHelpDialog />
    default:
      return dialog satisfies never
  }
}

function later<Props>(part: () => Promise<ComponentType<Props>>) {
  return lazy(() => part().then((component) => ({ default: component })))
}
