/** The way in: exchanges the link's token, or says how to get a link. Over the page, where a session ended there. */
import { formatDuration } from '@pigeon/control/units'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { type LoginOutcome, login } from './api.ts'
import { BASE } from './base-path.ts'
import { Mark } from './icons.tsx'
import { beginSession } from './store.ts'
import { strings } from './strings.ts'
import { tokenOf } from './login-token.ts'

type LoginState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'entering' }
  | Exclude<LoginOutcome, { kind: 'welcome' }>

interface LoginPageProps {
  readonly hasEnded: boolean
  /** The page is still there below. */
  readonly isOver?: boolean
}

export function LoginPage({ hasEnded, isOver = false }: LoginPageProps) {
  const [token, setToken] = useState(takeToken)
  const [state, setState] = useState<LoginState>({ kind: token === null ? 'idle' : 'entering' })
  const title = useRef<HTMLHeadingElement>(null)

  useEffect(() => {
    // A link that is opened in a tab that is already here changes only the fragment.
    const onHash = (): void => setToken(takeToken())
    addEventListener('hashchange', onHash)
    return () => removeEventListener('hashchange', onHash)
  }, [])
  useEffect(() => {
    // What had the focus cannot be reached any more.
    if (isOver) title.current?.focus()
  }, [isOver])

  const enter = async (secret: string): Promise<void> => {
    setState({ kind: 'entering' })
    const outcome = await login(secret)
    if (outcome.kind === 'welcome') beginSession()
    else setState(outcome)
  }

  useEffect(() => {
    if (token !== null) void enter(token)
  }, [token])

  const [heading, text] = wordsOf(state, hasEnded)
  const isAsking = state.kind === 'idle' || state.kind === 'refused' || state.kind === 'wait'
  return (
    <main
      className="login"
      data-over={isOver}
      {...(isOver
        ? { role: 'alertdialog', 'aria-modal': true, 'aria-labelledby': 'login-title' }
        : {})}
    >
      <div className="login-card">
        <Mark />
        <div role="status">
          <h1 className="login-title" id="login-title" ref={title} tabIndex={-1}>
            {heading}
          </h1>
          {text !== '' && <p className="login-text">{text}</p>}
        </div>
        {state.kind === 'unreachable' && token !== null && (
          <button type="button" className="button button-primary" onClick={() => void enter(token)}>
            {strings.login.again}
          </button>
        )}
        {isAsking && <HowTo />}
        {isAsking && <PasteLink onToken={(pasted) => void enter(pasted)} />}
      </div>
    </main>
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

/** For who has the link in a terminal and the page here: it need not be opened, only pasted. */
function PasteLink({ onToken }: { onToken: (token: string) => void }) {
  const [isWrong, setWrong] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const text = new FormData(event.currentTarget).get('link')
    const token = tokenOf(typeof text === 'string' ? text : '')
    setWrong(token === null)
    if (token !== null) onToken(token)
  }
  const { entry: words } = strings
  return (
    <form className="login-paste" onSubmit={submit}>
      <label htmlFor="login-link">{words.paste}</label>
      <div className="login-paste-line">
        <input
          id="login-link"
          name="link"
          className="input"
          autoComplete="off"
          spellCheck={false}
          placeholder={words.placeholder}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? 'login-wrong' : undefined}
        />
        <button type="submit" className="button button-primary">
          {words.enter}
        </button>
      </div>
      {isWrong && (
        <p className="form-problem" id="login-wrong" role="alert">
          {words.wrong}
        </p>
      )}
    </form>
  )
}

/** The token behind the `#`, which is then taken out of the address and of the history. */
function takeToken(): string | null {
  const token = location.hash.slice(1)
  if (location.pathname !== `${BASE}login` || token === '') return null
  history.replaceState(null, '', `${BASE}login`)
  return token
}
