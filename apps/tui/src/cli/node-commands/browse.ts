/** `pigeon browse`: what lies in a folder of the node's machine. */
import { isProblem } from '@pigeon/control/problems'
import { formatBytes } from '@pigeon/control/units'
import { jsonLine } from '../output.ts'
import { hasFlag, type NodeAction } from './around.ts'
import { printTable } from './table.ts'

export const browse: NodeAction = async (around, given) => {
  const listing = await around.control.browse(given.args[0] ?? null)
  if (isProblem(listing)) return listing
  if (hasFlag(given, 'json')) {
    for (const entry of listing.entries) around.print(jsonLine(entry))
    return null
  }
  const rows = listing.entries.map((entry) => [
    `${listing.path === null ? entry.path : entry.name}${entry.kind === 'folder' ? '/' : ''}`,
    entry.lengthBytes === null ? '' : formatBytes(entry.lengthBytes),
  ])
  if (rows.length > 0) {
    printTable(around, ['name', 'size'], rows)
  }
  const free =
    listing.freeBytes === null ? '' : ` ${formatBytes(listing.freeBytes)} are free there.`
  if (rows.length === 0) around.note(`Nothing lies there.${free}`)
  else if (listing.isCut) around.note(`There is more than is shown.${free}`)
  else if (free !== '') around.note(free.trim())
  return null
}
