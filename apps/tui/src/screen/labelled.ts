/** Texts behind their labels, in a column. */
import { fitToCells, wrapToCells } from './cells.ts'
import { type Line, type Role, span, spanLine } from './lines.ts'

/** Lines that one text may take. */
const MAX_WRAPPED = 4

/** A text after its label; its further lines below its first. */
export function labelled(
  label: string,
  text: string,
  labelCells: number,
  width: number,
  role: Role = 'plain',
): readonly Line[] {
  const cells = Math.max(8, width - labelCells - 1)
  return wrapToCells(text, cells, MAX_WRAPPED).map((line, index) =>
    spanLine(
      [span(`${fitToCells(index === 0 ? label : '', labelCells)} `, 'dim'), span(line, role)],
      width,
    ),
  )
}
