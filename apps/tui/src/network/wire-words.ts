/** A message of a wire in words. */
import { formatTimeOfDay } from '@pigeon/control/units'
import type { WireMessage } from '@pigeon/control/network'

/** With milliseconds: messages come closer together than seconds. */
export function wireTime({ atMs }: WireMessage): string {
  const rest = String(Math.floor(atMs % 1_000)).padStart(3, '0')
  return `${formatTimeOfDay(atMs)}.${rest}`
}

export function bepText({ bep }: WireMessage): string {
  return bep === null ? '' : `BEP ${bep}`
}

export function fieldsText({ fields }: WireMessage): string {
  return fields.map(([name, value]) => `${name} ${value}`).join(', ')
}
