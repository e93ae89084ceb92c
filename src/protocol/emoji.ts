/**
 * What counts as an emoji that somebody may react with: exactly one, as Unicode recommends it for interchange
 * (https://www.unicode.org/reports/tr51/#def_rgi_set). Which there are depends on the version of Unicode that the
 * reader's machine knows, so this decides on what is shown and never on what is accepted.
 */
const ONE_EMOJI = /^\p{RGI_Emoji}$/v

/** Asks for the coloured picture where a character also has a plain form. */
const AS_PICTURE = '\u{fe0f}'

/** True for exactly one emoji in its full form. */
export function isEmoji(text: string): boolean {
  return ONE_EMOJI.test(text)
}

/** The emoji in its full form, as a text may have it without: `❤` and `❤️` are one. Undefined if it is none, or several. */
export function fullEmoji(text: string): string | undefined {
  return [text, text + AS_PICTURE].find(isEmoji)
}
