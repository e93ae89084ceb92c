/**
 * Whether to use colours, and which. A colour here only helps the eye to follow a person; nothing is said by
 * colour alone, as line mode reads the same without.
 */

import { COLOURS, PersonColours } from './person-colours.ts'

export type Colour = 'none' | 'ansi'

/** The variables that are looked at, as the environment has them. */
export type ColourEnvironment = Readonly<Record<string, string | undefined>>

/**
 * Whether output to such a stream should have colours. `NO_COLOR` wins (https://no-color.org: "regardless of its
 * value"), then `FORCE_COLOR` (https://force-color.org; Node's `0` and `false` mean no), then `CLICOLOR_FORCE`
 * and `CLICOLOR` (https://bixense.com/clicolors); otherwise a terminal that isn't dumb gets them.
 */
export function wantsColour(output: { readonly isTTY: boolean; readonly env: ColourEnvironment }): Colour {
  const { isTTY, env } = output
  if (isSet(env['NO_COLOR'])) return 'none'
  if (isSet(env['FORCE_COLOR'])) return /^(?:0|false)$/i.test(env['FORCE_COLOR']) ? 'none' : 'ansi'
  if (isSet(env['CLICOLOR_FORCE']) && env['CLICOLOR_FORCE'] !== '0') return 'ansi'
  if (env['CLICOLOR'] === '0' || env['TERM'] === 'dumb') return 'none'
  return isTTY ? 'ansi' : 'none'
}

/** All three conventions count an empty variable as none. */
function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}

/**
 * Colours of people, of xterm's fixed 256 (the first 16 are the user's theme, which we can't know). Each has a
 * contrast of at least 3:1 to black and to white, as WCAG 2.2 asks of large text, so one set does for dark
 * and light terminals. Of the 68 that have it, these are the 8 whose smallest difference (CIEDE2000) is largest,
 * for usual sight and for each kind of colour blindness (Machado's model of 2009): 13. Ten would leave 10.8.
 */
export const PEOPLE_COLOURS: readonly number[] = [59, 65, 69, 93, 126, 139, 160, 202]

/** Grey that can be read on black and on white: times, and what happens around the talk. */
const FAINT_COLOUR = 244

export interface Ink {
  /** In the colour of this person. */
  person(peer: string, text: string): string
  faint(text: string): string
  loud(text: string): string
}

const plainInk: Ink = { person: (_, text) => text, faint: text => text, loud: text => text }

class AnsiInk implements Ink {
  readonly #colours = new PersonColours()

  person(peer: string, text: string): string {
    const look = this.#colours.hear(peer)
    const coloured = inColour(PEOPLE_COLOURS[look % COLOURS] ?? FAINT_COLOUR, text)
    return look < COLOURS ? coloured : this.loud(coloured)
  }

  faint(text: string): string {
    return inColour(FAINT_COLOUR, text)
  }

  loud(text: string): string {
    return `\u001b[1m${text}\u001b[22m`
  }
}

/** What writes in colour, or doesn't. The text must be safe already. */
export function inkOf(colour: Colour): Ink {
  return colour === 'ansi' ? new AnsiInk() : plainInk
}

function inColour(colour: number, text: string): string {
  return `\u001b[38;5;${colour}m${text}\u001b[39m`
}
