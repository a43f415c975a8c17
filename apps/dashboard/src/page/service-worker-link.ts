/** Installs the service worker that keeps the page's shell, and follows what it asks for. */
import { BASE } from './base-path.ts'

interface ScriptUrlPolicy {
  createScriptURL(url: string): string
}

interface TrustedTypesWindow {
  readonly trustedTypes?: {
    createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy
  }
}

/** Nothing is lost where there are no service workers: then the page opens only while pigeon-web runs. */
export function installServiceWorker(): void {
  if (!('serviceWorker' in navigator) || !isSecureContext) return
  const url = trusted(`${BASE}service-worker.js`)
  navigator.serviceWorker.register(url, { scope: BASE }).catch((error: unknown) => {
    // A browser may forbid it, as in a private window.
    console.info('The page is not kept for when pigeon-web is away.', error)
  })
  navigator.serviceWorker.addEventListener('message', (event: MessageEvent<unknown>) => {
    const { data } = event
    if (typeof data !== 'object' || data === null || !('show' in data)) return
    const wished = URL.parse(String(data.show))
    if (wished?.origin === location.origin) {
      history.pushState(null, '', wished.pathname)
      dispatchEvent(new PopStateEvent('popstate'))
    }
  })
}

/** The security policy lets no text become the address of a script; this is the one that may. */
function trusted(url: string): string {
  // Not in the DOM's types yet.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { trustedTypes } = window as unknown as TrustedTypesWindow
  const policy = trustedTypes?.createPolicy('pigeon-worker', {
    createScriptURL: (wished) => {
      if (wished !== `${BASE}service-worker.js`) throw new TypeError('Not our service worker.')
      return wished
    },
  })
  return policy?.createScriptURL(url) ?? url
}
