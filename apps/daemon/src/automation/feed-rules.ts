/** Which items of a feed are taken. */
import type { FeedRule } from './settings.ts'

/**
 * The first rule that takes a title, or `null`. A rule takes what has all of its `include` and none of its `exclude`.
 * Words are compared whole, letters large or small, and whatever stands between them: "linux 1080p" is in "Linux.1080p".
 */
export function ruleFor<Rule extends Pick<FeedRule, 'include' | 'exclude'>>(
  title: string,
  rules: readonly Rule[],
): Rule | null {
  const words = wordsOf(title)
  const has = (phrase: string): boolean => words.includes(wordsOf(phrase))
  const takes = ({ include, exclude }: Rule): boolean => include.every(has) && !exclude.some(has)
  return rules.find(takes) ?? null
}

/** With one space around each word, also at the ends. */
function wordsOf(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
  return ` ${words.filter((word) => word !== '').join(' ')} `
}
