/**
 * Keeps the page's shell (its document, scripts, styles) so that the page opens while pigeon-web is away, and says so.
 * Nothing that the node tells is ever kept: answers of the API pass by untouched.
 */

// In a worker that serves pages, this is what `self` is.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const worker = self as unknown as ServiceWorkerGlobalScope & { readonly pigeonShell: Shell }

/** Put before this script by the build. */
interface Shell {
  /** Changes with any of the files. */
  readonly version: string
  readonly files: readonly string[]
}

const CACHE = `pigeon-shell-${worker.pigeonShell.version}`
/** A document that takes longer is taken from the cache. */
const DOCUMENT_WITHIN_MS = 4_000

const scope = worker.registration.scope
const files = new Set(worker.pigeonShell.files.map((file) => new URL(file, scope).href))

worker.addEventListener('install', (event) => {
  event.waitUntil(keepShell())
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOlder())
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET') return
  if (request.mode === 'navigate') event.respondWith(documentOf(request))
  else if (files.has(request.url)) event.respondWith(fileOf(request))
})

/** A click on a notification shows the page that made it. */
worker.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const path: unknown = event.notification.data
  event.waitUntil(show(typeof path === 'string' ? path : scope))
})

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.addAll([new Request(scope, { cache: 'reload' }), ...files])
  await worker.skipWaiting()
}

async function forgetOlder(): Promise<void> {
  const names = await caches.keys()
  const older = names.filter((name) => name.startsWith('pigeon-shell-') && name !== CACHE)
  await Promise.all(older.map((name) => caches.delete(name)))
  await worker.clients.claim()
}

/** The server's own document while it answers, else the one that was kept. */
async function documentOf(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(DOCUMENT_WITHIN_MS) })
  } catch {
    return (await caches.match(scope)) ?? Response.error()
  }
}

async function fileOf(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}

async function show(path: string): Promise<void> {
  const url = new URL(path, scope).href
  const pages = await worker.clients.matchAll({ type: 'window' })
  const open = pages.find((page) => page.url === url) ?? pages[0]
  if (open === undefined) {
    await worker.clients.openWindow(url)
    return
  }
  await open.focus()
  // A page of our own, to which no origin has to be named.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  if (open.url !== url) open.postMessage({ show: url })
}
