import { Component, type ReactNode } from 'react'
import { Mark } from './icons.tsx'
import { strings } from './strings.ts'

/** What is shown when the page itself has a bug: that nothing was lost, and what to do. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }> {
  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true }
  }

  override state = { hasFailed: false }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <main className="login">
        <div className="login-card" role="alert">
          <Mark />
          <h1 className="login-title">{strings.broken.title}</h1>
          <p className="login-text">{strings.broken.text}</p>
          <button type="button" className="button button-primary" onClick={() => location.reload()}>
            {strings.broken.reload}
          </button>
        </div>
      </main>
    )
  }
}
