/** Where menus and tooltips are drawn: over everything, but within the page's main landmark. */
export const OVERLAY_PLACE_ID = 'overlays'

export function overlayPlace(): HTMLElement | null {
  return document.querySelector<HTMLElement>(`#${OVERLAY_PLACE_ID}`)
}
