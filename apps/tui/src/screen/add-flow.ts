/**
 * Adding: what it is, then what it holds and where it goes, and only then it is added. Nothing is added unseen.
 */
import type { AddSource, Command, Problem, TorrentPreview } from '@pigeon/control/contract'
import { formatBytes } from '@pigeon/control/units'
import { toDisplay } from '@pigeon/protocol/display'
import { isProblem } from './amounts.ts'
import { completeFolder } from './complete-folder.ts'
import { FileChooser } from './file-chooser.ts'
import { type Answers, type Field, Form } from './form.ts'
import { oneLine } from './line-editor.ts'
import { STRINGS } from './strings.ts'
import { categoryField, folderField, tagsOf } from './torrent-forms.ts'
import type { Host } from './view.ts'
import { pathOf, whatToAdd } from './what-to-add.ts'

const WORDS = STRINGS.add
type AddCommand = Extract<Command, { do: 'add' }>

interface AddHost extends Host {
  openFiles(id: string): void
}

export const AddFlow = {
  start(host: AddHost): void {
    askForSource(host, '')
  },

  /** What was pasted; where it is nothing that could be added, it is asked about as if it was typed. */
  startWith(host: AddHost, pasted: string): void {
    const text = oneLine(pasted).trim()
    if (/^(magnet:|https?:)|\.torrent['"]?$|^[0-9a-f]{40}$/i.test(text)) void look(host, text)
    else askForSource(host, text)
  },
}

function askForSource(host: AddHost, initial: string): void {
  host.open(
    new Form(host, {
      title: WORDS.title,
      fields: [
        {
          kind: 'text',
          name: 'source',
          label: '',
          initial,
          hint: WORDS.hint,
          complete: (typed) =>
            host.isRemote ? Promise.resolve([]) : completeFolder(host.control, typed, 'any'),
        },
      ],
      onSubmit: async (answers) => {
        const source = await whatToAdd(answers.text('source'))
        if (isProblem(source)) return source
        return openOptions(host, source)
      },
    }),
  )
}

async function look(host: AddHost, text: string): Promise<void> {
  const source = await whatToAdd(text)
  const problem = isProblem(source) ? source : await openOptions(host, source)
  if (problem === null) return
  host.complain(problem)
  askForSource(host, text)
}

/** Shows what it is and asks the rest; answers why that cannot be. */
async function openOptions(host: AddHost, source: AddSource): Promise<Problem | null> {
  const preview = source.kind === 'magnet' ? null : await host.control.preview(source)
  if (isProblem(preview)) return preview
  const session = host.store.session
  host.open(
    new Form(host, {
      title: WORDS.optionsTitle,
      intro: preview === null ? magnetLines(source) : previewLines(preview),
      fields: [
        { ...folderField(host, ''), hint: session?.defaultFolder ?? '' },
        filesField(preview),
        {
          kind: 'choice',
          name: 'start',
          label: WORDS.start,
          initial: 'now',
          options: WORDS.starts,
        },
        categoryField(host),
        {
          kind: 'text',
          name: 'tags',
          label: STRINGS.form.tags,
          initial: '',
          hint: STRINGS.form.tagsHint,
        },
        { kind: 'switch', name: 'sequential', label: WORDS.sequential, initial: false },
      ],
      onSubmit: async (answers) => {
        const command = commandOf(host, source, answers)
        if (preview !== null && answers.text('files') === 'some') {
          host.open(
            new FileChooser(
              host,
              preview,
              (wantedFiles) => void host.run({ ...command, wantedFiles }, STRINGS.done.added),
            ),
          )
          return null
        }
        const result = await host.run(command, STRINGS.done.added)
        if (!result.ok) return result.problem
        const [id] = result.ids
        if (command.stopAt === 'metadata' && id !== undefined) {
          host.openFiles(id)
          host.say(WORDS.later)
        }
        return null
      },
    }),
  )
  return null
}

function filesField(preview: TorrentPreview | null): Field {
  const options =
    preview === null
      ? WORDS.magnetFiles
      : [
          { value: 'all', label: WORDS.allFiles(preview.files.length) },
          ...(preview.files.length < 2 ? [] : [{ value: 'some', label: WORDS.someFiles }]),
        ]
  return { kind: 'choice', name: 'files', label: WORDS.files, initial: 'all', options }
}

function commandOf(host: Host, source: AddSource, answers: Answers): AddCommand {
  const folder = answers.text('folder')
  const category = answers.text('category')
  const tags = tagsOf(answers.text('tags'))
  const start = answers.text('start')
  return {
    do: 'add',
    source,
    ...(folder === '' ? {} : { folder: host.isRemote ? folder : pathOf(folder) }),
    ...(category === '' ? {} : { category }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(start === 'paused' ? { isPaused: true } : {}),
    ...(start === 'first' ? { isFirst: true } : {}),
    ...(start === 'forced' ? { isForced: true } : {}),
    ...(answers.isOn('sequential') ? { isSequential: true } : {}),
    ...(answers.text('files') === 'later' ? { stopAt: 'metadata' as const } : {}),
  }
}

function previewLines(preview: TorrentPreview): readonly string[] {
  const { name, files, totalBytes, trackers, isPrivate, isKnown, comment } = preview
  return [
    name,
    WORDS.size(formatBytes(totalBytes), files.length, trackers.length, isPrivate),
    ...(comment === null || comment === '' ? [] : [comment]),
    ...(isKnown ? [WORDS.known] : []),
  ]
}

/** What a magnet says of itself. */
function magnetLines(source: AddSource): readonly string[] {
  if (source.kind !== 'magnet') return []
  const query = new URLSearchParams(source.uri.replace(/^magnet:\??/i, ''))
  const name = query.get('dn')
  const trackers = query.getAll('tr').length
  const topic = query.get('xt') ?? source.uri
  return [
    ...(name === null ? [] : [toDisplay(name)]),
    `${toDisplay(topic.replace(/^urn:/, ''), 80)}; ${WORDS.trackers(trackers)}`,
  ]
}
