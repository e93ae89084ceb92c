/**
 * The login name as a username, for who gives none.
 */
import { checkName, MAX_NAME_GRAPHEMES } from '../room/names/names.ts'

/** For who has no login name that could be a username. */
const NAMELESS = 'guest'

/** Cut where it is too long, `guest` where it doesn't fit all the same. */
export function usernameFromLogin(login: string): string {
  const checked = checkName(login.length <= MAX_NAME_GRAPHEMES ? login : cut(login))
  return checked.kind === 'valid' ? checked.name : NAMELESS
}

function cut(login: string): string {
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(login)
  return Array.from(graphemes, part => part.segment)
    .slice(0, MAX_NAME_GRAPHEMES)
    .join('')
}
