/** The wire inspector: the handshake and the messages of one peer as they pass, decoded. */
import type { PeerDetail } from '@pigeon/control/contract'
import { type ReactNode, useEffect, useId, useMemo, useState } from 'react'
import { getDetail } from './api.ts'
import { Icon } from './icons.tsx'
import { PageHead } from './page-head.tsx'
import { useStore } from './store.ts'
import { strings } from './strings.ts'
import { useWire, type WireState } from './use-wire.ts'
import { filterLines, KEPT_MESSAGES, type WireFilter, type WireLog } from './wire-log.ts'
import { WireRows } from './wire-rows.tsx'
import './styles/network.css'

interface WirePageProps {
  readonly id: string
  readonly peer: number
}

const DIRECTIONS = ['all', 'in', 'out'] as const

export function WirePage({ id, peer }: WirePageProps) {
  const wire = useWire(id, peer)
  const [filter, setFilter] = useState<WireFilter>({ direction: 'all', name: '' })
  const known = usePeer(id, peer)
  const words = strings.wire
  const lines = useMemo(() => filterLines(wire.log.lines, filter), [wire.log.lines, filter])
  return (
    <div className="page wire-page">
      <PageHead
        title={words.title(known?.address ?? words.peerUnknown(peer))}
        back={{ label: words.back, to: { view: 'detail', id, tab: 'peers' } }}
      />
      <PeerLine id={id} peer={known} />
      <WireBar wire={wire} filter={filter} onFilter={setFilter} />
      <StateLine wire={wire} shown={lines.length} />
      <WireRows lines={lines} none={wire.log.lines.length === 0 ? words.none : words.noMatch} />
    </div>
  )
}

/** Whose wire it is, as far as the node knows; asked for once. */
function usePeer(id: string, number: number): PeerDetail | null {
  const [peer, setPeer] = useState<PeerDetail | null>(null)
  useEffect(() => {
    let isStopped = false
    const ask = async (): Promise<void> => {
      const answer = await getDetail(id)
      if (isStopped || answer.kind !== 'ok') return
      setPeer(answer.value?.peers.find((each) => each.number === number) ?? null)
    }
    void ask()
    return () => {
      isStopped = true
    }
  }, [id, number])
  return peer
}

function PeerLine({ id, peer }: { id: string; peer: PeerDetail | null }) {
  const name = useStore((state) => state.feed.torrents.get(id)?.name)
  const words = strings.peers
  const facts = [
    peer?.client,
    peer === null ? undefined : words.sources[peer.source],
    peer === null ? undefined : strings.network.transports[peer.transport],
    peer === null ? undefined : peer.isEncrypted ? words.encrypted : words.plain,
    name,
  ].filter((fact) => fact !== undefined && fact !== '')
  return (
    <ul className="wire-peer">
      {facts.map((fact) => (
        <li key={fact} dir="auto">
          {fact}
        </li>
      ))}
    </ul>
  )
}

interface WireBarProps {
  readonly wire: WireState
  readonly filter: WireFilter
  readonly onFilter: (filter: WireFilter) => void
}

function WireBar({ wire, filter, onFilter }: WireBarProps) {
  const id = useId()
  const words = strings.wire
  const names = useMemo(
    () => [...new Set(wire.log.lines.map((line) => line.name))].toSorted(),
    [wire.log.lines],
  )
  return (
    <div className="wire-bar">
      <button
        type="button"
        className="button"
        aria-pressed={wire.isPaused}
        data-on={wire.isPaused}
        onClick={() => wire.pause(!wire.isPaused)}
      >
        <Icon name={wire.isPaused ? 'play' : 'pause'} />
        {wire.isPaused ? words.resume : words.pause}
      </button>
      <label className="hidden-label" htmlFor={`${id}n`}>
        {words.nameFilter}
      </label>
      <input
        id={`${id}n`}
        className="input wire-filter"
        type="search"
        list={`${id}l`}
        placeholder={words.namePlaceholder}
        autoComplete="off"
        spellCheck={false}
        value={filter.name}
        onChange={(event) => onFilter({ ...filter, name: event.target.value })}
      />
      <datalist id={`${id}l`}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className="segments" role="group" aria-label={words.directionFilter}>
        {DIRECTIONS.map((direction) => (
          <button
            key={direction}
            type="button"
            className="segment"
            aria-pressed={filter.direction === direction}
            onClick={() => onFilter({ ...filter, direction })}
          >
            {words.directionChoice[direction]}
          </button>
        ))}
      </div>
      <button type="button" className="button wire-clear" onClick={wire.clear}>
        {words.clear}
      </button>
    </div>
  )
}

/** How the watching goes is read out; the messages and their number are not. */
function StateLine({ wire, shown }: { wire: WireState; shown: number }) {
  const { log, isPaused, waiting } = wire
  const words = strings.wire
  const counts: ReactNode[] = [
    words.counts(shown, log.lines.length),
    log.leftOut > 0 && <span title={words.leftOutHint}>{words.leftOut(log.leftOut)}</span>,
    log.dropped > 0 && words.dropped(KEPT_MESSAGES),
    isPaused && words.waiting(waiting),
  ]
  return (
    <div className="wire-state" data-state={isPaused ? 'paused' : log.state}>
      <span className="state-dot" aria-hidden="true" />
      <p role="status">
        {stateWords(log, isPaused)}
        {log.problem !== null && ` ${log.problem.message} ${log.problem.help}`}
      </p>
      <ul className="wire-counts">
        {counts.map((count, index) =>
          // The places never change their meaning.
          count === false ? null : <li key={index}>{count}</li>,
        )}
      </ul>
    </div>
  )
}

function stateWords(log: WireLog, isPaused: boolean): string {
  const { states } = strings.wire
  if (log.state === 'ended' || log.state === 'cut') return states[log.state]
  return isPaused ? states.paused : states[log.state]
}
