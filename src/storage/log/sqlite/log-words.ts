/**
 * What counts as a word when messages are searched. Words are runs of letters, numbers and the marks on them, in
 * one case and without diacritics. Scripts that put no spaces between words, and pictures, give one word for each
 * character: what was typed is then found wherever it stands, because the characters must follow each other.
 */

/** Characters that are words by themselves. */
const SINGLE =
  '[[\\p{scx=Hani}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Yiii}]' +
  '&&[\\p{L}\\p{M}\\p{N}]]|\\p{Extended_Pictographic}'
const WORD = new RegExp(`${SINGLE}|(?:(?!${SINGLE})[\\p{L}\\p{M}\\p{N}\\p{Co}])+`, 'gv')

const ASCII_WORD = /[a-z0-9]+/g
const IS_ASCII = /^[\0-\x7f]*$/
const DIACRITICS = /[\u0300-\u036f]/g

/** A word's characters after these are left out: what is longer is no word that somebody types. */
const MAX_WORD = 64

/** Of what somebody looks for at once: more only makes it slow. */
const MAX_PHRASES = 32

/** Words that must follow each other; the last of them may go on. */
export type Phrase = readonly string[]

/** The words of a text, folded, in their order. */
export function wordsOf(text: string): readonly string[] {
  const words = IS_ASCII.test(text) ? text.toLowerCase().match(ASCII_WORD) : fold(text).match(WORD)
  return words?.map(word => (word.length > MAX_WORD ? word.slice(0, MAX_WORD) : word)) ?? []
}

/** What somebody looks for: one phrase for each part that spaces set off. Empty if nothing in it is a word. */
export function phrasesOf(wanted: string): readonly Phrase[] {
  const phrases = wanted.split(/\s+/u).map(wordsOf)
  return phrases.filter(phrase => phrase.length > 0).slice(0, MAX_PHRASES)
}

/** True if a text with these words has every phrase. */
export function hasPhrases(words: readonly string[], phrases: readonly Phrase[]): boolean {
  return phrases.every(phrase => words.some((_, at) => standsAt(words, at, phrase)))
}

function standsAt(words: readonly string[], at: number, phrase: Phrase): boolean {
  return phrase.every((part, index) => {
    const word = words[at + index] ?? ''
    return index === phrase.length - 1 ? word.startsWith(part) : word === part
  })
}

/** One form for all ways to write a letter; the final sigma is a sigma. */
function fold(text: string): string {
  const bare = text.toLowerCase().normalize('NFKD').replace(DIACRITICS, '').replaceAll('ς', 'σ')
  return bare.normalize('NFC').toLowerCase()
}
