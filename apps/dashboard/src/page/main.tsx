import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/list.css'
import './styles/detail.css'
import './styles/dialog.css'

const place = document.querySelector('#page')
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <ErrorBoundary>
        <App />
      </ErrorBoundary>
    </StrictMode>,
  )
