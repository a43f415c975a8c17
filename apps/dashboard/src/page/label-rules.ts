/** What may be the name of a tag or a category: as the contract has it. */
const LABEL = /^[^\s,\p{C}](?:[^,\p{C}]*[^\s,\p{C}])?$/u

export function isLabel(text: string): boolean {
  return text.length <= 64 && LABEL.test(text)
}

/** Tags as they are typed, with commas between them; those that are none by themselves. */
export function readTags(text: string): { readonly tags: string[]; readonly wrong: string[] } {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  return {
    tags: [...new Set(parts.filter(isLabel))],
    wrong: parts.filter((part) => !isLabel(part)),
  }
}
