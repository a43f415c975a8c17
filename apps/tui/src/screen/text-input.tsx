/** One line of text that the user types or pastes. */
import { Text, useInput, usePaste } from 'ink'
import type { ReactElement } from 'react'
import { cutToCells } from './cells.ts'

export interface TextInputProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onSubmit: () => void
  readonly onCancel: () => void
  readonly cells: number
}

const LONGEST_INPUT = 8192

export function TextInput(props: TextInputProps): ReactElement {
  const { value, onChange, onSubmit, onCancel, cells } = props
  const append = (text: string): void => onChange((value + printable(text)).slice(0, LONGEST_INPUT))
  useInput((input, key) => {
    if (key.escape) onCancel()
    else if (key.return) onSubmit()
    else if (key.backspace || key.delete) onChange(value.slice(0, -1))
    else if (key.ctrl && input === 'u') onChange('')
    else if (!key.ctrl && !key.meta && input !== '') append(input)
  })
  usePaste(append)
  // The end is what is being typed; the beginning gives way.
  const shown = value.length > cells - 1 ? `…${value.slice(-(cells - 2))}` : value
  return (
    <Text>
      {cutToCells(shown, cells)}
      <Text inverse> </Text>
    </Text>
  )
}

/** Pasted line ends and controls are no part of a link or a path. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
}
