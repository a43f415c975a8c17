/** What the parts of the network page are made of. */
import type { Problem } from '@pigeon/control/contract'
import { type ReactNode, useId } from 'react'
import { copyText } from './hand-over.ts'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { strings } from './strings.ts'

interface CardProps {
  readonly title: string
  readonly isWide?: boolean
  readonly children: ReactNode
}

export function Card({ title, isWide = false, children }: CardProps) {
  const id = useId()
  return (
    <section className="settings-part net-card" data-wide={isWide} aria-labelledby={id}>
      <h2 className="settings-title" id={id}>
        {title}
      </h2>
      {children}
    </section>
  )
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** How something is, in words; the colour only repeats them. */
export type Tone = 'good' | 'warn' | 'bad' | 'idle'

export function State({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <p className="net-state" data-tone={tone}>
      <span className="state-dot" aria-hidden="true" />
      <span>{children}</span>
    </p>
  )
}

/** What was wrong, and what to do about it. */
export function ProblemLine({ problem }: { problem: Problem | null }) {
  if (problem === null) return null
  return (
    <div className="problem-card net-problem">
      <Icon name="alert" />
      <p className="problem-text">
        <strong dir="auto">{problem.message}</strong>
        <span dir="auto">{problem.help}</span>
      </p>
    </div>
  )
}

/** A text to hand on, such as an announce address. */
export function CopyLine({ text }: { text: string }) {
  return (
    <li className="net-copy">
      <code className="net-code">{text}</code>
      <IconButton
        icon="copy"
        label={strings.network.copyNamed(text)}
        hint={strings.copy}
        onClick={() => void copyText(text)}
      />
    </li>
  )
}
