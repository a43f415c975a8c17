/** The page in a browser over a made-up node, and everything that must not happen there noted. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { buildPage, launchBrowser } from './browser.ts'
import {
  type FakeDashboard,
  type FakeDashboardOptions,
  openFakeDashboard,
} from './fake-dashboard.ts'

/** A step may take this long on a machine that has much else to do; it ends as soon as it is done. */
const STEP_MS = 60_000
export const WIDE = { width: 1280, height: 800 }
export const NARROW = { width: 390, height: 844 }

export interface PageOptions extends FakeDashboardOptions {
  readonly browser?: BrowserContextOptions
  /** Called before anybody logs in. */
  readonly before?: (dashboard: FakeDashboard) => void
}

export interface OpenedPage {
  readonly page: Page
  readonly dashboard: FakeDashboard
  /** Errors, dialogs, and what the security policy stopped. */
  readonly complaints: readonly string[]
}

export interface PageBench {
  open(options?: PageOptions): Promise<OpenedPage>
  /** A built page, for dashboards of one's own. */
  readonly folder: string
  readonly browser: Browser
  /** Closes what was opened since the last time. */
  tidy(): Promise<void>
  close(): Promise<void>
}

export async function openBench(): Promise<PageBench> {
  const built = await buildPage()
  const browser = await launchBrowser()
  const opened: (() => Promise<void>)[] = []
  const tidy = async (): Promise<void> => {
    for (const close of opened.splice(0).toReversed()) await close()
  }
  return {
    folder: built.folder,
    browser,
    open: async ({ browser: contextOptions, before, ...options } = {}) => {
      const dashboard = await openFakeDashboard({
        torrentCount: 14,
        ...options,
        pageFolder: built.folder,
      })
      opened.push(() => dashboard.close())
      before?.(dashboard)
      const context = await browser.newContext({
        viewport: WIDE,
        // Nothing that is tested moves, and endless animations cost a browser without a GPU dear.
        reducedMotion: 'reduce',
        locale: 'en-GB',
        ...contextOptions,
      })
      opened.push(() => context.close())
      const page = await context.newPage()
      page.setDefaultTimeout(STEP_MS)
      const complaints = await watchFor(page)
      await page.goto(dashboard.server.newLink())
      return { page, dashboard, complaints }
    },
    tidy,
    close: async () => {
      await tidy()
      await browser.close()
      built.remove()
    },
  }
}

/** Notes everything that must not happen on a page: errors, dialogs, what the security policy stopped. */
export async function watchFor(page: Page): Promise<readonly string[]> {
  const complaints: string[] = []
  await page.exposeFunction('complain', (text: string) => complaints.push(text))
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    complain('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`)
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (line) => {
    if (/Content Security Policy|Trusted ?Type/i.test(line.text())) complaints.push(line.text())
  })
  return complaints
}
