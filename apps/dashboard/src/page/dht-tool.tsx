/** A small tool that asks the DHT through the node: once, and only when somebody wants it. */
import type { Problem } from '@pigeon/control/contract'
import type { DhtAnswer } from '@pigeon/control/network'
import { useId, useRef, useState } from 'react'
import { askDht } from './api.ts'
import {
  DHT_KINDS,
  type DhtKind,
  type ReadQuery,
  readQuery,
  TEXT_BYTES,
  textOfValue,
} from './dht-query.ts'
import { copyText } from './hand-over.ts'
import { Icon } from './icons.tsx'
import { FormProblem } from './modal.tsx'
import { Card } from './network-card.tsx'
import { endSession } from './store.ts'
import { strings } from './strings.ts'
import { onSubmit } from './use-form.ts'
import { useScope } from './use-scope.ts'

/** Of the peers found, as many are shown; all can be copied. */
const SHOWN_PEERS = 20

type Failure = Pick<Problem, 'message' | 'help'>

export function DhtTool() {
  const [kind, setKind] = useState<DhtKind>('ping')
  const [texts, setTexts] = useState<Partial<Record<DhtKind, string>>>({})
  const [failure, setFailure] = useState<Failure | null>(null)
  const [answer, setAnswer] = useState<DhtAnswer | null>(null)
  const [isBusy, setBusy] = useState(false)
  /** An answer to what was asked before is of no interest any more. */
  const turn = useRef(0)
  const scope = useScope()
  // As the node has it: what stores something is for its owner.
  const mayAsk = scope === 'full' || (scope === 'add' && kind !== 'put')
  const id = useId()
  const words = strings.dhtTool
  const text = texts[kind] ?? ''
  const choose = (next: DhtKind): void => {
    turn.current += 1
    setKind(next)
    setBusy(false)
    setFailure(null)
    setAnswer(null)
  }
  const submit = async (): Promise<void> => {
    const read = readQuery(kind, text)
    if (read.kind !== 'query') return setFailure(whyNot(kind, read))
    turn.current += 1
    const mine = turn.current
    setBusy(true)
    setFailure(null)
    setAnswer(null)
    const result = await askDht(read.query)
    if (mine !== turn.current) return
    setBusy(false)
    if (result.kind === 'logged-out') endSession('ended')
    else if (result.kind === 'problem') setFailure(result.problem)
    else setAnswer(result.value)
  }
  return (
    <Card title={words.title}>
      <p className="net-note">{words.lead}</p>
      <form noValidate onSubmit={onSubmit(() => void submit())}>
        <fieldset className="net-encryption">
          <legend className="hidden-label">{words.ask}</legend>
          <div className="choice">
            {DHT_KINDS.map((each) => (
              <label key={each} className="choice-item net-choice">
                <input
                  type="radio"
                  className="hidden-label"
                  name={id}
                  checked={kind === each}
                  onChange={() => choose(each)}
                />
                {words.kinds[each]}
              </label>
            ))}
          </div>
          <label className="dht-label" htmlFor={`${id}t`}>
            {words.fields[kind]}
          </label>
          <div className="dht-line">
            <input
              id={`${id}t`}
              className="input"
              autoComplete="off"
              spellCheck={false}
              aria-invalid={failure !== null}
              aria-describedby={`${id}h`}
              disabled={!mayAsk}
              value={text}
              onChange={(event) => {
                setFailure(null)
                setTexts({ ...texts, [kind]: event.target.value })
              }}
            />
            <button
              type="submit"
              className="button button-primary"
              disabled={!mayAsk}
              aria-busy={isBusy}
            >
              {isBusy ? words.busy : words.submit[kind]}
            </button>
          </div>
          <p className="field-hint" id={`${id}h`}>
            {kind === 'put' ? words.hints.put(TEXT_BYTES) : words.hints[kind]}
          </p>
          {!mayAsk && <p className="configured">{strings.network.readOnly}</p>}
        </fieldset>
      </form>
      {failure !== null && <FormProblem {...failure} />}
      <div className="dht-answer" role="status">
        {answer !== null && <Answer answer={answer} />}
      </div>
    </Card>
  )
}

function whyNot(kind: DhtKind, read: Exclude<ReadQuery, { kind: 'query' }>): Failure {
  const { wrong } = strings.dhtTool
  const message = read.kind === 'long' ? wrong.long(read.bytes, TEXT_BYTES) : wrong[kind]
  return { message, help: '' }
}

function Answer({ answer }: { answer: DhtAnswer }) {
  const words = strings.dhtTool
  switch (answer.kind) {
    case 'pong':
      return (
        <>
          <p>{words.pong(Math.round(answer.roundTripMs))}</p>
          <p>
            {strings.network.nodeId}: <code className="net-code">{answer.nodeId}</code>
          </p>
          {answer.client !== null && (
            <p>
              {words.pongClient}: <span dir="auto">{answer.client}</span>
            </p>
          )}
        </>
      )
    case 'peers':
      return <FoundPeers answer={answer} />
    case 'value':
    case 'mutable':
      return <Value value={answer.value} nodesAsked={answer.nodesAsked} />
    case 'stored':
      return (
        <>
          <p>{words.stored(answer.nodes)}</p>
          {answer.nodes > 0 && <Copied text={answer.target} label={words.copyTarget} />}
        </>
      )
    default:
      return answer satisfies never
  }
}

function FoundPeers({ answer }: { answer: Extract<DhtAnswer, { kind: 'peers' }> }) {
  const words = strings.dhtTool
  const { peers, seeds, downloaders, nodesAsked } = answer
  return (
    <>
      <p>{words.found(peers.length, nodesAsked)}</p>
      {(seeds !== null || downloaders !== null) && <p>{words.estimate(seeds, downloaders)}</p>}
      <ul className="net-codes">
        {peers.slice(0, SHOWN_PEERS).map((peer) => (
          <li key={peer}>
            <code className="net-code">{peer}</code>
          </li>
        ))}
      </ul>
      {peers.length > SHOWN_PEERS && <p>{words.more(peers.length - SHOWN_PEERS)}</p>}
      {peers.length > 0 && <CopyButton text={peers.join('\n')} label={words.copyPeers} />}
    </>
  )
}

function Value({ value, nodesAsked }: { value: string | null; nodesAsked: number }) {
  const words = strings.dhtTool
  if (value === null) return <p>{words.noValue(nodesAsked)}</p>
  return (
    <>
      <p>{words.value(nodesAsked)}</p>
      <Copied text={textOfValue(value)} label={words.copyValue} />
    </>
  )
}

function Copied({ text, label }: { text: string; label: string }) {
  return (
    <>
      <pre className="dht-value" dir="auto">
        {text}
      </pre>
      <CopyButton text={text} label={label} />
    </>
  )
}

function CopyButton({ text, label }: { text: string; label: string }) {
  return (
    <button type="button" className="button button-small" onClick={() => void copyText(text)}>
      <Icon name="copy" />
      {label}
    </button>
  )
}
