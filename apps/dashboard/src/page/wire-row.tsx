import type { Ref } from 'react'
import { Icon } from './icons.tsx'
import { strings } from './strings.ts'
import type { WireLine } from './wire-log.ts'

interface WireRowProps {
  readonly line: WireLine
  readonly ref: Ref<HTMLDivElement>
  readonly index: number
  readonly topPx: number
  readonly isCurrent: boolean
  readonly isOpen: boolean
  readonly onFocus: () => void
  readonly onToggle: () => void
}

/** One message: a line, and below it all its fields where it was opened. */
export function WireRow(props: WireRowProps) {
  const { line, isOpen, isCurrent, onToggle } = props
  const words = strings.wire
  return (
    <div
      ref={props.ref}
      data-index={props.index}
      className="wire-row"
      role="row"
      aria-rowindex={props.index + 2}
      aria-level={1}
      aria-expanded={isOpen}
      tabIndex={isCurrent ? 0 : -1}
      data-direction={line.direction}
      style={{ transform: `translateY(${props.topPx}px)` }}
      onFocus={props.onFocus}
      onClick={(event) => {
        // A click that ends a selection of text, or goes to a link, opens nothing.
        const isLink = event.target instanceof Element && event.target.closest('a') !== null
        if (!isLink && getSelection()?.isCollapsed !== false) onToggle()
      }}
    >
      <span role="gridcell" className="wire-time">
        <time dateTime={new Date(line.atMs).toISOString()}>{timeOf(line.atMs)}</time>
      </span>
      <span role="gridcell" className="wire-direction">
        <Icon name={line.direction === 'in' ? 'down' : 'up'} />
        <span className="hidden-label">{words.directions[line.direction]}</span>
      </span>
      <span role="gridcell" className="wire-name" dir="auto">
        {line.name}
      </span>
      <span role="gridcell" className="wire-bep">
        {line.bep === null ? strings.none : <BepLink bep={line.bep} isTabStop={isCurrent} />}
      </span>
      <span role="gridcell" className="wire-length">
        {strings.count(line.lengthBytes)}
      </span>
      <span role="gridcell" className="wire-fields" dir="auto">
        {line.leftOutBefore > 0 && (
          <span className="wire-gap">{words.leftOutBefore(line.leftOutBefore)}</span>
        )}
        {isOpen ? <AllFields line={line} /> : fieldsInLine(line)}
      </span>
    </div>
  )
}

function AllFields({ line }: { line: WireLine }) {
  if (line.fields.length === 0) return strings.wire.noFields
  return (
    <dl className="wire-all" aria-label={strings.wire.fieldsLabel}>
      {line.fields.map(([name, value], index) => (
        // Foreign names can come twice.
        <div key={index}>
          <dt dir="auto">{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function fieldsInLine({ fields }: WireLine): string {
  return fields.map(([name, value]) => `${name} ${value}`).join(' · ')
}

/** Opened without telling the other side where it was found. */
function BepLink({ bep, isTabStop }: { bep: number; isTabStop: boolean }) {
  return (
    <a
      href={`https://www.bittorrent.org/beps/bep_${String(bep).padStart(4, '0')}.html`}
      target="_blank"
      rel="noopener noreferrer"
      tabIndex={isTabStop ? 0 : -1}
      aria-label={strings.wire.bepLink(bep)}
    >
      {bep}
    </a>
  )
}

/** To the millisecond, in the browser's time zone. */
function timeOf(atMs: number): string {
  const date = new Date(atMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
