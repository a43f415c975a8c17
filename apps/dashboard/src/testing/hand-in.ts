/// <reference lib="dom" />
/** What a user brings to the page by other ways than keys and clicks. */
import type { Page } from 'playwright-core'

/** Pastes a text where the focus is. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    const target = document.activeElement ?? document.body
    const options = { clipboardData, bubbles: true, cancelable: true }
    target.dispatchEvent(new ClipboardEvent('paste', options))
  }, text)
}

/** Drops files of these names, their content the name, or a text. */
export async function drop(page: Page, what: { files?: string[]; text?: string }): Promise<void> {
  await page.evaluate(({ files = [], text }) => {
    const dataTransfer = new DataTransfer()
    for (const name of files) dataTransfer.items.add(new File([name], name))
    if (text !== undefined) dataTransfer.setData('text/plain', text)
    for (const kind of ['dragenter', 'dragover', 'drop'])
      document.body.dispatchEvent(
        new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }),
      )
  }, what)
}
