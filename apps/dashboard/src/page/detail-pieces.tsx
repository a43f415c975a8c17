/** Which pieces are verified and how many copies there are, as pictures and in words. */
import type { TorrentDetail } from '@pigeon/control/contract'
import { formatBytes, formatPercent } from '@pigeon/control/units'
import { useCallback, useMemo, useState } from 'react'
import { readAvailability, summaryOf, toColumns } from './availability.ts'
import {
  countVerified,
  type Grid,
  readPieces,
  squareOf,
  toGrid,
  verifiedRuns,
} from './piece-map.ts'
import { PartTitle } from './part-title.tsx'
import { strings } from './strings.ts'
import { type Brush, useCanvas } from './use-canvas.ts'

const SQUARE_PX = 9
const GAP_PX = 2
const STEP_PX = SQUARE_PX + GAP_PX
const MAX_ROWS = 24
/** More runs than this say less than the picture. */
const MAX_RUNS = 12
const AVAILABILITY_PX = 36
const BAR_PX = 3
/** More copies than this are no news. */
const MANY_COPIES = 8

export function DetailPieces({ pieces }: { pieces: TorrentDetail['pieces'] }) {
  if (pieces.count === 0) return <p className="detail-note">{strings.detail.unknownYet}</p>
  return (
    <div className="pieces">
      <PieceMap pieces={pieces} />
      <Availability base64={pieces.availability} />
    </div>
  )
}

function PieceMap({ pieces }: { pieces: TorrentDetail['pieces'] }) {
  const { count, verified, lengthBytes } = pieces
  const bits = useMemo(() => readPieces(verified, count), [verified, count])
  const active = pieces.active.join()
  const [columns, setColumns] = useState(1)
  const grid = useMemo(() => toGrid(bits, columns, MAX_ROWS), [bits, columns])
  const draw = useCallback(
    (brush: Brush) => {
      setColumns(Math.max(1, Math.floor((brush.widthPx + GAP_PX) / STEP_PX)))
      drawPieces(brush, grid, count, active === '' ? [] : active.split(',').map(Number))
    },
    [grid, count, active],
  )
  const heightPx = grid.rows * STEP_PX
  const { canvas } = useCanvas(heightPx, draw)
  const words = strings.pieces
  const done = countVerified(bits)
  const text = words.text(done, count, formatPercent(done / count), formatBytes(lengthBytes))
  const { runs, isCut } = verifiedRuns(bits, MAX_RUNS)
  return (
    <section className="pieces-part">
      <div className="pieces-head">
        <p>{text}</p>
        <ul className="legend" aria-hidden="true">
          <li className="legend-done">{words.legendDone}</li>
          {grid.shares.length < count && <li className="legend-part">{words.legendPart}</li>}
          {pieces.active.length > 0 && <li className="legend-active">{words.legendActive}</li>}
          <li className="legend-missing">{words.legendMissing}</li>
        </ul>
      </div>
      <canvas
        ref={canvas}
        className="pieces-map"
        role="img"
        aria-label={text}
        style={{ height: heightPx }}
      />
      <p className="pieces-runs">
        {words.runs(
          runs.map(([first, last]) => words.run(first, last)),
          isCut,
        )}
        {pieces.active.length > 0 && ` · ${words.active(pieces.active.length)}`}
      </p>
    </section>
  )
}

function drawPieces(brush: Brush, grid: Grid, count: number, active: readonly number[]): void {
  const { paint, colour } = brush
  const [done, missing, coming] = ['--piece-done', '--piece-missing', '--warn'].map(colour)
  const squares = new Set(active.map((piece) => squareOf(piece, count, grid.shares.length)))
  for (const [index, share] of grid.shares.entries()) {
    const x = (index % grid.columns) * STEP_PX
    const y = Math.floor(index / grid.columns) * STEP_PX
    paint.fillStyle = missing ?? ''
    paint.fillRect(x, y, SQUARE_PX, SQUARE_PX)
    // A square of many pieces fills from below, so that it is told from a paler one without colour.
    const filledPx = Math.floor(SQUARE_PX * share)
    paint.fillStyle = done ?? ''
    paint.fillRect(x, y + SQUARE_PX - filledPx, SQUARE_PX, filledPx)
    if (!squares.has(index)) continue
    paint.strokeStyle = coming ?? ''
    paint.lineWidth = 2
    paint.strokeRect(x + 1, y + 1, SQUARE_PX - 2, SQUARE_PX - 2)
  }
}

function Availability({ base64 }: { base64: string }) {
  const bins = useMemo(() => readAvailability(base64), [base64])
  const summary = summaryOf(bins)
  const draw = useCallback((brush: Brush) => drawAvailability(brush, bins), [bins])
  const { canvas } = useCanvas(AVAILABILITY_PX, draw)
  const words = strings.pieces
  const text =
    summary === null
      ? words.availabilityNone
      : words.availabilityText(summary.least, summary.most, formatPercent(summary.noneShare))
  return (
    <section className="pieces-part">
      <PartTitle text={words.availability} />
      {summary !== null && (
        <canvas
          ref={canvas}
          className="pieces-map availability-map"
          role="img"
          aria-label={text}
          style={{ height: AVAILABILITY_PX }}
        />
      )}
      <p className="pieces-runs">{text}</p>
    </section>
  )
}

/** Bars as high as there are copies; what nobody has is marked at the ground. */
function drawAvailability({ paint, widthPx, colour }: Brush, bins: Uint8Array): void {
  const columns = toColumns(bins, Math.max(1, Math.floor(widthPx / BAR_PX)))
  const [some, none] = [colour('--piece-done'), colour('--bad')]
  for (const [index, copies] of columns.entries()) {
    const share = Math.min(copies, MANY_COPIES) / MANY_COPIES
    const highPx = copies === 0 ? 3 : Math.max(4, Math.round(AVAILABILITY_PX * share))
    paint.fillStyle = copies === 0 ? none : some
    paint.fillRect(index * BAR_PX, AVAILABILITY_PX - highPx, BAR_PX - 1, highPx)
  }
}
