/// <reference lib="dom" />
/** What axe finds wrong with the page, once nothing on it moves any more. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

export interface AxeScope {
  /** The whole page when absent. */
  readonly within?: string
  /** Only what other colours can change: for a page whose other rules were just looked at. */
  readonly areColoursAlone?: boolean
}

/** Those of the usual ones that go by colours. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/** Each as a rule and the element that breaks it. */
export async function violations(
  page: Page,
  { within, areColoursAlone = false }: AxeScope = {},
): Promise<string[]> {
  await settled(page)
  const axe = new AxeBuilder({ page })
    // What passes is counted nowhere, and costs the most.
    .options({
      resultTypes: ['violations'],
      ...(areColoursAlone ? { runOnly: COLOUR_RULES } : {}),
    })
    // Our page has no frames; looking for them, in a tab of its own, takes three times as long as the rest.
    .setLegacyMode(true)
  const { violations: found } = await (within === undefined ? axe : axe.include(within)).analyze()
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`))
}

export type Look = 'light' | 'dark' | 'contrast'

/** Shows the page in other colours, as its system would ask for them. */
export async function showIn(page: Page, look: Look): Promise<void> {
  const colorScheme = look === 'dark' ? 'dark' : 'light'
  await page.emulateMedia({ colorScheme, contrast: look === 'contrast' ? 'more' : 'no-preference' })
  await page
    .locator(
      `html[data-scheme="${colorScheme}"][data-contrast="${look === 'contrast' ? 'more' : 'usual'}"]`,
    )
    .waitFor()
}

/** Half-way through a change of colours nothing has the contrast that it will have. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ends = document.getAnimations().map((animation) => animation.finished)
    await Promise.allSettled(ends)
  })
}
