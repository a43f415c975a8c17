/** One line of text that the user types or pastes. */
import { toDisplay } from '@pigeon/protocol/display'
import { Text, useInput, usePaste } from 'ink'
import type { ReactElement } from 'react'
import { useState } from 'react'
import { tailToCells, withoutLast } from './cells.ts'

export interface TextInputProps {
  readonly initial: string
  readonly onSubmit: (text: string) => void
  readonly onCancel: () => void
  readonly cells: number
}

const LONGEST_INPUT = 8192

export function TextInput({ initial, onSubmit, onCancel, cells }: TextInputProps): ReactElement {
  const [value, setValue] = useState(() => oneLine(initial))
  const append = (text: string): void =>
    setValue((before) => (before + oneLine(text)).slice(0, LONGEST_INPUT))
  useInput((input, key) => {
    if (key.escape) onCancel()
    else if (key.return) onSubmit(value.trim())
    else if (key.backspace || key.delete) setValue(withoutLast)
    else if (key.ctrl && input === 'u') setValue('')
    else if (key.ctrl || key.meta || input === '') return
    // Fast typing comes as one chunk, Enter included.
    else if (/[\r\n]/.test(input)) onSubmit(oneLine(value + input).trim())
    else append(input)
  })
  usePaste(append)
  return (
    <Text>
      {tailToCells(toDisplay(value, LONGEST_INPUT), cells - 1)}
      <Text inverse> </Text>
    </Text>
  )
}

/** The first line with anything in it. Controls are no part of a link or a path. */
function oneLine(text: string): string {
  const [line] = text.split(/[\r\n]+/).filter((each) => each.trim() !== '')
  return (line ?? '').replace(/\p{Cc}/gu, '').slice(0, LONGEST_INPUT)
}
