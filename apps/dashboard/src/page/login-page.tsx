/** The way in: exchanges the link's token, or says how to get a link. */
import { formatDuration } from '@pigeon/control/units'
import { useEffect, useState } from 'react'
import { type LoginOutcome, login } from './api.ts'
import { Mark } from './icons.tsx'
import { beginSession } from './store.ts'
import { strings } from './strings.ts'

type LoginState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'entering' }
  | Exclude<LoginOutcome, { kind: 'welcome' }>

export function LoginPage({ hasEnded }: { hasEnded: boolean }) {
  const [token, setToken] = useState(takeToken)
  const [state, setState] = useState<LoginState>({ kind: token === null ? 'idle' : 'entering' })

  useEffect(() => {
    // A link that is opened in a tab that is already here changes only the fragment.
    const onHash = (): void => setToken(takeToken())
    addEventListener('hashchange', onHash)
    return () => removeEventListener('hashchange', onHash)
  }, [])

  const enter = async (secret: string): Promise<void> => {
    setState({ kind: 'entering' })
    const outcome = await login(secret)
    if (outcome.kind === 'welcome') beginSession()
    else setState(outcome)
  }

  useEffect(() => {
    if (token !== null) void enter(token)
  }, [token])

  return (
    <main className="login">
      <div className="login-card">
        <Mark />
        <div role="status">
          <LoginText state={state} hasEnded={hasEnded} />
        </div>
        {state.kind === 'unreachable' && token !== null && (
          <button type="button" className="button button-primary" onClick={() => void enter(token)}>
            {strings.login.again}
          </button>
        )}
        {(state.kind === 'idle' || state.kind === 'refused' || state.kind === 'wait') && <HowTo />}
      </div>
    </main>
  )
}

function LoginText({ state, hasEnded }: { state: LoginState; hasEnded: boolean }) {
  const [title, text] = wordsOf(state, hasEnded)
  return (
    <>
      <h1 className="login-title">{title}</h1>
      {text !== '' && <p className="login-text">{text}</p>}
    </>
  )
}

function wordsOf(state: LoginState, hasEnded: boolean): readonly [string, string] {
  const { login: words } = strings
  switch (state.kind) {
    case 'entering':
      return [words.entering, '']
    case 'idle':
      return hasEnded ? [words.endedTitle, words.endedText] : [words.title, words.text]
    case 'refused':
      return [words.refusedTitle, words.refusedText]
    case 'wait':
      return [words.waitTitle, words.waitText(formatDuration(state.waitMs))]
    case 'unreachable':
      return [words.networkTitle, words.networkText]
    default:
      return state satisfies never
  }
}

function HowTo() {
  const { login: words } = strings
  return (
    <section className="how">
      <h2 className="how-title">{words.how}</h2>
      <ul className="how-list">
        <li>
          {words.howTerminal} <kbd>l</kbd> {words.howThen} <kbd>Enter</kbd>
        </li>
        <li>
          {words.howSignal} <code>kill -USR2 PID</code>
        </li>
      </ul>
    </section>
  )
}

/** The token behind the `#`, which is then taken out of the address and of the history. */
function takeToken(): string | null {
  const token = location.hash.slice(1)
  if (location.pathname !== '/login' || token === '') return null
  history.replaceState(null, '', '/login')
  return token
}
