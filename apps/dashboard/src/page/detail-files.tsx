import type { FileDetail, FilePriority, TorrentDetail } from '@pigeon/control/contract'
import { formatBytes, formatPercent } from '@pigeon/control/units'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import { FormProblem } from './modal.tsx'
import { run } from './store.ts'
import { strings } from './strings.ts'

const FILE_PX = 44
const OVERSCAN = 10
const WANTED: readonly Exclude<FilePriority, 'skip'>[] = ['low', 'normal', 'high']

interface DetailFilesProps {
  readonly detail: TorrentDetail
  readonly onChanged: () => void
}

interface Wish {
  readonly index: number
  readonly priority: FilePriority
}

/** Shows what was wished at once, until the node has told its new state or refused. */
function useWishes(told: readonly FileDetail[]) {
  const [wishes, setWishes] = useState<ReadonlyMap<number, FilePriority>>(new Map())
  const waiting = useRef(0)
  useEffect(() => {
    if (waiting.current === 0) setWishes((before) => (before.size === 0 ? before : new Map()))
  }, [told])
  return {
    files: told.map((file) => ({ ...file, priority: wishes.get(file.index) ?? file.priority })),
    expect: (more: readonly Wish[]): void => {
      waiting.current += 1
      const added = more.map(({ index, priority }) => [index, priority] as const)
      setWishes((before) => new Map([...before, ...added]))
    },
    settle: (isDone: boolean): void => {
      waiting.current -= 1
      if (!isDone) setWishes(new Map())
    },
  }
}

type Change = (files: readonly FileDetail[], priority: FilePriority) => void

/** The files, any number of them: which to fetch, and which of these first. */
export function DetailFiles({ detail, onChanged }: DetailFilesProps) {
  const { summary } = detail
  const { files, expect, settle } = useWishes(detail.files)
  const [failure, setFailure] = useState<{ message: string; help: string } | null>(null)
  const words = strings.files
  if (files.length === 0) return <p className="detail-note">{strings.detail.unknownYet}</p>

  const save = async (wishes: readonly Wish[]): Promise<void> => {
    expect(wishes)
    const result = await run({ do: 'set-files', id: summary.id, files: [...wishes] })
    settle(result.ok)
    setFailure(result.ok ? null : result.problem)
    onChanged()
  }
  const change: Change = (some, priority) =>
    void save(some.map(({ index }) => ({ index, priority })))
  const wanted = files.filter((file) => file.priority !== 'skip')
  const wantedBytes = wanted.reduce((sum, file) => sum + file.lengthBytes, 0)
  return (
    <div className="files">
      <div className="files-head">
        <span>{words.wanted(wanted.length, files.length, formatBytes(wantedBytes))}</span>
        <button
          type="button"
          className="button button-small"
          onClick={() =>
            change(
              files.filter((file) => file.priority === 'skip'),
              'normal',
            )
          }
          disabled={wanted.length === files.length}
        >
          {words.all}
        </button>
        <button
          type="button"
          className="button button-small"
          onClick={() => change(wanted, 'skip')}
          disabled={wanted.length === 0}
        >
          {words.none}
        </button>
      </div>
      {failure !== null && <FormProblem message={failure.message} help={failure.help} />}
      <FileRows files={files} torrentName={summary.name} onChange={change} />
    </div>
  )
}

interface FileRowsProps {
  readonly files: readonly FileDetail[]
  readonly torrentName: string
  readonly onChange: Change
}

function FileRows({ files, torrentName, onChange }: FileRowsProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: files.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => FILE_PX,
    overscan: OVERSCAN,
  })
  return (
    <div ref={scroller} className="file-rows" role="list" aria-label={strings.files.label}>
      <div
        role="presentation"
        className="rows-inner"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map((item) => {
          const file = files[item.index]
          if (file === undefined) return null
          return (
            <FileRow
              key={file.index}
              file={file}
              torrentName={torrentName}
              count={files.length}
              topPx={item.start}
              onChange={onChange}
            />
          )
        })}
      </div>
    </div>
  )
}

/** The folders, without the one that bears the torrent's own name and holds all files, and the file's name. */
function splitPath(path: string, torrentName: string): readonly [string, string] {
  const inner = path.startsWith(`${torrentName}/`) ? path.slice(torrentName.length + 1) : path
  const cut = inner.lastIndexOf('/') + 1
  return [inner.slice(0, cut), inner.slice(cut)]
}

interface FileRowProps {
  readonly file: FileDetail
  readonly torrentName: string
  readonly count: number
  readonly topPx: number
  readonly onChange: Change
}

function FileRow({ file, torrentName, count, topPx, onChange }: FileRowProps) {
  const words = strings.files
  const isWanted = file.priority !== 'skip'
  const [folder, name] = splitPath(file.path, torrentName)
  const share = file.lengthBytes === 0 ? 1 : file.doneBytes / file.lengthBytes
  return (
    <div
      className="file-row"
      role="listitem"
      aria-posinset={file.index + 1}
      aria-setsize={count}
      data-wanted={isWanted}
      style={{ transform: `translateY(${topPx}px)` }}
    >
      <input
        type="checkbox"
        className="file-tick"
        checked={isWanted}
        aria-label={words.want(file.path)}
        onChange={() => onChange([file], isWanted ? 'skip' : 'normal')}
      />
      <span className="file-path" title={file.path}>
        {folder !== '' && <span className="file-folder">{folder}</span>}
        <span className="file-name" dir="auto">
          {name}
        </span>
      </span>
      <span className="file-size">{formatBytes(file.lengthBytes)}</span>
      <span className="file-done">{formatPercent(share)}</span>
      {isWanted ? (
        <select
          className="select"
          value={file.priority}
          aria-label={words.priorityOf(file.path)}
          onChange={(event) => {
            const priority = WANTED.find((each) => each === event.target.value)
            if (priority !== undefined) onChange([file], priority)
          }}
        >
          {WANTED.map((priority) => (
            <option key={priority} value={priority}>
              {words.priority[priority]}
            </option>
          ))}
        </select>
      ) : (
        <span className="file-skipped">{words.skipped}</span>
      )}
    </div>
  )
}
