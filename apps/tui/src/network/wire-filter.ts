/** Which messages of a wire are shown: words with spaces between, all of which must fit. */
import type { WireMessage } from '@pigeon/control/network'

/**
 * `in` and `out` mean the direction, `bep9` the specification; any other word is part of the name. `!` before a word turns
 * it around. An empty text lets everything through.
 */
export function wireFilter(text: string): (message: WireMessage) => boolean {
  const tests = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '!')
    .map((word) => (word.startsWith('!') ? { word: word.slice(1), is: false } : { word, is: true }))
  return (message) => tests.every(({ word, is }) => fits(message, word) === is)
}

function fits(message: WireMessage, word: string): boolean {
  if (word === 'in' || word === 'out') return message.direction === word
  const [, bep] = /^bep(\d+)$/.exec(word) ?? []
  if (bep !== undefined) return message.bep === Number(bep)
  return message.name.toLowerCase().includes(word)
}
