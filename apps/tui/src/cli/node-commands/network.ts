/** `pigeon network`: how peers are found and reached, and what stands in the way. */
import { isProblem } from '@pigeon/control/problems'
import { type NetworkFact, networkSections } from '../../network/network-facts.ts'
import { jsonLine } from '../output.ts'
import { hasFlag, type NodeAction, pictureOf } from './around.ts'
import { printFacts } from './table.ts'

export const network: NodeAction = async (around, given) => {
  const { control } = around
  const [status, picture] = await Promise.all([control.network(), pictureOf(control)])
  if (isProblem(status)) return status
  if (isProblem(picture)) return picture
  if (hasFlag(given, 'json')) {
    around.print(jsonLine(status))
    return null
  }
  const facts = networkSections(status, picture.session, Date.now()).flatMap((each) => each.facts)
  printFacts(around, facts.map(around.isSpoken ? spoken : ({ label, text }) => [label, text]))
  return null
}

/** Read aloud, each line says what it is about. */
function spoken(
  { label, text }: NetworkFact,
  index: number,
  facts: readonly NetworkFact[],
): readonly [string, string] {
  const above = facts.slice(0, index + 1).findLast((each) => each.label !== '')
  return [(label === '' ? (above?.label ?? '') : label).trim(), text]
}
