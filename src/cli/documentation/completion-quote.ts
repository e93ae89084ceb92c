/** Texts as shells read them. */

/** In single quotes, for POSIX shells and zsh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** In single quotes, for fish, where a backslash means something. */
export function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`
}
