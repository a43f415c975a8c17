import type { TorrentDetail } from '@pigeon/control/contract'
import { formatBytes, formatPercent } from '@pigeon/control/units'
import { useEffect, useMemo, useRef, useState } from 'react'
import { countVerified, type Grid, readPieces, toGrid, verifiedRuns } from './piece-map.ts'
import { strings } from './strings.ts'

const SQUARE_PX = 9
const GAP_PX = 2
const MAX_ROWS = 24
/** More runs than this say less than the picture. */
const MAX_RUNS = 12

/** Which pieces are verified, as a picture, and the same in words. */
export function DetailPieces({ pieces }: { pieces: TorrentDetail['pieces'] }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const widthPx = useWidth(canvas)
  const scheme = useScheme()
  const bits = useMemo(
    () => readPieces(pieces.verified, pieces.count),
    [pieces.verified, pieces.count],
  )
  const columns = Math.max(1, Math.floor((widthPx + GAP_PX) / (SQUARE_PX + GAP_PX)))
  const grid = useMemo(() => toGrid(bits, columns, MAX_ROWS), [bits, columns])
  useEffect(() => {
    if (canvas.current !== null && widthPx > 0) draw(canvas.current, grid)
  }, [grid, widthPx, scheme])
  if (pieces.count === 0) return <p className="detail-note">{strings.detail.unknownYet}</p>

  const words = strings.pieces
  const done = countVerified(bits)
  const share = formatPercent(done / pieces.count)
  const text = words.text(done, pieces.count, share, formatBytes(pieces.lengthBytes))
  const { runs, isCut } = verifiedRuns(bits, MAX_RUNS)
  return (
    <div className="pieces">
      <div className="pieces-head">
        <p>{text}</p>
        <ul className="legend" aria-hidden="true">
          <li className="legend-done">{words.legendDone}</li>
          {grid.shares.length < pieces.count && <li className="legend-part">{words.legendPart}</li>}
          <li className="legend-missing">{words.legendMissing}</li>
        </ul>
      </div>
      <canvas ref={canvas} className="pieces-map" role="img" aria-label={text} />
      <p className="pieces-runs">
        {words.runs(
          runs.map(([first, last]) => words.run(first, last)),
          isCut,
        )}
      </p>
    </div>
  )
}

function draw(canvas: HTMLCanvasElement, grid: Grid): void {
  const scale = devicePixelRatio
  const step = SQUARE_PX + GAP_PX
  const heightPx = grid.rows * step
  canvas.width = Math.round(canvas.clientWidth * scale)
  canvas.height = Math.round(heightPx * scale)
  canvas.style.height = `${heightPx}px`
  const paint = canvas.getContext('2d')
  if (paint === null) return
  paint.scale(scale, scale)
  const style = getComputedStyle(canvas)
  const done = style.getPropertyValue('--piece-done')
  const missing = style.getPropertyValue('--piece-missing')
  for (const [index, share] of grid.shares.entries()) {
    const x = (index % grid.columns) * step
    const y = Math.floor(index / grid.columns) * step
    paint.globalAlpha = 1
    paint.fillStyle = missing
    paint.fillRect(x, y, SQUARE_PX, SQUARE_PX)
    // A square of many pieces fills from below, so that it is told from a paler one without colour.
    const filledPx = Math.floor(SQUARE_PX * share)
    paint.fillStyle = done
    paint.fillRect(x, y + SQUARE_PX - filledPx, SQUARE_PX, filledPx)
  }
}

function useWidth(canvas: { readonly current: HTMLCanvasElement | null }): number {
  const [widthPx, setWidthPx] = useState(0)
  useEffect(() => {
    const element = canvas.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setWidthPx(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [canvas])
  return widthPx
}

/** Changes when the page turns dark or light, so that the picture is drawn again. */
function useScheme(): boolean {
  const [isDark, setDark] = useState(false)
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const update = (): void => setDark(dark.matches)
    update()
    dark.addEventListener('change', update)
    return () => dark.removeEventListener('change', update)
  }, [])
  return isDark
}
