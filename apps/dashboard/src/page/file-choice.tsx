import { useRef } from 'react'
import { Icon } from './icons.tsx'
import { strings } from './strings.ts'

/** The browser's own way to choose files. */
export function FileChoice({ onChoose }: { onChoose: (files: readonly File[]) => void }) {
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
          onChoose([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
      <button type="button" className="button" onClick={() => input.current?.click()}>
        <Icon name="file" />
        {add.choose}
      </button>
      <span className="field-hint">{add.orDrop}</span>
    </div>
  )
}
