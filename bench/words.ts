/**
 * Texts of 66 characters, of made-up words: the nth most frequent is as frequent as one over n, as in any language
 * (Zipf's law). One word stands in very few of them.
 */

const TEXT_CHARACTERS = 66

const VOCABULARY = 20_000
const ONSETS = 'b c d f g h j k l m n p r s t v w z br cl dr fl gr pl st tr'.split(' ')
const VOWELS = 'a e i o u ai ea ou'.split(' ')

/** In one of so many messages stands the rare word. */
const RARE_EVERY = 20_000
export const RARE_WORD = 'xylophone'

export class WordSource {
  readonly #random: () => number
  readonly #words = Array.from({ length: VOCABULARY }, (_, rank) => wordOf(rank))

  constructor(random: () => number) {
    this.#random = random
  }

  /** The text of the message with this index. */
  text(index: number): string {
    let text = index % RARE_EVERY === RARE_EVERY - 1 ? RARE_WORD : this.#word()
    while (text.length < TEXT_CHARACTERS) text += ` ${this.#word()}`
    // not cut at a space, which would be one character of text for nothing
    return (
      text.slice(0, TEXT_CHARACTERS - 1) +
      (text[TEXT_CHARACTERS - 1] === ' ' ? '.' : text[TEXT_CHARACTERS - 1])
    )
  }

  #word(): string {
    return this.#words[Math.floor(VOCABULARY ** this.#random()) - 1] ?? ''
  }
}

/** The word of this rank, from 0. Frequent ones are short. */
export function wordOf(rank: number): string {
  let word = ''
  let rest = rank
  do {
    word += `${ONSETS[rest % ONSETS.length]}${VOWELS[Math.floor(rest / ONSETS.length) % VOWELS.length]}`
    rest = Math.floor(rest / (ONSETS.length * VOWELS.length))
  } while (rest-- > 0)
  return word
}
