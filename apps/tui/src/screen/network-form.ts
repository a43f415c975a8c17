/** All switches of the network in one dialog. */
import type { SessionSummary } from '@pigeon/control/contract'
import {
  isConfigured,
  type NetworkSwitch,
  type SessionChange,
  SWITCHES,
} from '../network/switches.ts'
import { type Answers, type Field, Form } from './form.ts'
import { STRINGS } from './strings.ts'
import type { Host } from './view.ts'

const WORDS = STRINGS.network
const ALL: readonly NetworkSwitch[] = Object.values(SWITCHES)

export function openNetworkForm(host: Host): void {
  const { session } = host.store
  if (session === null) return
  const configured = ALL.filter((each) => isConfigured(each, session))
  host.open(
    new Form(host, {
      title: WORDS.formTitle,
      intro: [
        ...(session.isProxied ? [WORDS.behindProxy] : []),
        ...(configured.length === 0
          ? []
          : [WORDS.configured(configured.map(({ label }) => label).join(', '))]),
      ],
      fields: ALL.map((each) => fieldOf(each, session)),
      onSubmit: async (answers) => {
        const change = changeIn(answers, session)
        if (Object.keys(change).length === 0) return null
        const result = await host.run({ do: 'set-session', ...change }, WORDS.changed)
        return result.ok ? null : result.problem
      },
    }),
  )
}

function fieldOf(each: NetworkSwitch, session: SessionSummary): Field {
  const value = each.valueOf(session)
  const about = { name: each.key, label: each.label }
  if (each.key !== 'encryption') return { kind: 'switch', ...about, initial: value === 'on' }
  const options = each.options.map((option) => ({ value: option, label: option }))
  return { kind: 'choice', ...about, options, initial: value }
}

/** Only what is another now than it was: the rest may be changed meanwhile by others. */
function changeIn(answers: Answers, session: SessionSummary): SessionChange {
  return ALL.reduce<SessionChange>((change, each) => {
    const value =
      each.key === 'encryption' ? answers.text(each.key) : answers.isOn(each.key) ? 'on' : 'off'
    return value === each.valueOf(session) ? change : { ...change, ...each.change(value) }
  }, {})
}
