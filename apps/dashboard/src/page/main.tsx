import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { readPreferences } from './preferences.ts'
import { installServiceWorker } from './service-worker-link.ts'
import { languageOf, loadStrings } from './strings.ts'
import { applyLooks } from './use-looks.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/list.css'
import './styles/detail.css'
import './styles/dialog.css'
import './styles/settings.css'
import './styles/live.css'

async function start(place: Element): Promise<void> {
  await loadStrings(readPreferences().language ?? languageOf(navigator.languages))
  applyLooks(readPreferences())
  createRoot(place).render(
    <StrictMode>
      <ErrorBoundary>
        <App />
      </ErrorBoundary>
    </StrictMode>,
  )
}

const place = document.querySelector('#page')
if (place !== null) {
  void start(place)
  installServiceWorker()
}
