/**
 * The texts of the page in the language that was chosen. Each language is one catalogue of the same type, so that a
 * missing text does not compile; only the chosen one is loaded besides English.
 */
import { en } from './strings/en.ts'

export type Strings = typeof en

export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

/** Each in its own words: who needs the list cannot read the others. */
export const LANGUAGE_NAMES: { readonly [L in Language]: string } = {
  en: 'English',
  de: 'Deutsch',
}

/** Read while rendering, never kept: another language puts other texts in here. */
export const strings: Strings = { ...en }

/** The first language of the browser's list that there is a catalogue of. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0]
    const found = LANGUAGES.find((language) => language === base)
    if (found !== undefined) return found
  }
  return 'en'
}

/** Puts the texts of a language in place. What is on the screen has to be rendered anew. */
export async function loadStrings(language: Language): Promise<void> {
  Object.assign(strings, await CATALOGUES[language]())
  document.documentElement.lang = language
}

const CATALOGUES: { readonly [L in Language]: () => Promise<Strings> } = {
  en: () => Promise.resolve(en),
  de: () => import('./strings/de.ts').then((module) => module.de),
}
