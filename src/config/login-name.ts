/**
 * The login name as a username, for who gives none.
 */
import { checkName, MAX_NAME_GRAPHEMES } from '../core/names.ts'

/** For who has no login name that could be a username. */
const NAMELESS = 'guest'

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Cut where it is too long, `guest` where it doesn't fit all the same. */
export function usernameFromLogin(login: string): string {
  const kept = [...graphemes.segment(login)].slice(0, MAX_NAME_GRAPHEMES).map(part => part.segment)
  const checked = checkName(kept.join(''))
  return checked.kind === 'valid' ? checked.name : NAMELESS
}
