/**
 * Whether to use colours, and which. A colour here only helps the eye to follow a person; nothing is said by
 * colour alone, as line mode reads the same without.
 */

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

export interface Colouring {
  /** In the colour of this person. */
  person(peer: string, text: string): string
  faint(text: string): string
  loud(text: string): string
}

const plainInk: Colouring = { person: (_, text) => text, faint: text => text, loud: text => text }

class AnsiInk implements Colouring {
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
export function colouringOf(colour: Colour): Colouring {
  return colour === 'ansi' ? new AnsiInk() : plainInk
}

function inColour(colour: number, text: string): string {
  return `\u001b[38;5;${colour}m${text}\u001b[39m`
}

// Which look of the palette each person has. A key has an order of preference of its own, which is the same everywhere,
// and gets the first look of it that nobody has whom it would be taken for: those who were heard of last. Once given it
// stays for as long as the program runs, whoever comes, so that nobody changes colour in the middle of a talk.

/** Colours of each palette. */
export const COLOURS = 8
/** Looks: each colour, and each colour in bold for those who come after the colours are given. */
export const LOOKS = 2 * COLOURS

/** People that are remembered, those heard of last; as many as names are. */
const MAX_REMEMBERED = 4_096

export class PersonColours {
  /** In the order in which they were last heard of. */
  readonly #looks = new Map<string, number>()

  /** The look of somebody who is heard of now: below `COLOURS` a colour, from there on the same ones in bold. */
  hear(peer: string): number {
    const known = this.#looks.get(peer)
    const look = known ?? this.#choose(peer)
    if (known !== undefined) this.#looks.delete(peer)
    this.#looks.set(peer, look)
    if (this.#looks.size > MAX_REMEMBERED) this.#looks.delete(this.#looks.keys().next().value ?? peer)
    return look
  }

  /** The look of somebody who was heard of, or would be given now. */
  find(peer: string): number {
    return this.#looks.get(peer) ?? this.#choose(peer)
  }

  #choose(peer: string): number {
    const taken = new Set([...this.#looks.values()].slice(1 - LOOKS))
    const wanted = preferences(peer)
    return wanted.find(look => !taken.has(look)) ?? wanted[0] ?? 0
  }
}

/** The look that somebody has who is alone. */
export function favourite(peer: string): number {
  return fnv1a(peer) % COLOURS
}

/** All looks, the colours first, each half in an order that follows from the key. */
function preferences(peer: string): readonly number[] {
  const first = favourite(peer)
  // an odd step comes by each of eight
  const step = 1 + 2 * ((fnv1a(peer) >>> 8) % (COLOURS / 2))
  const colours = Array.from({ length: COLOURS }, (_, at) => (first + at * step) % COLOURS)
  return [...colours, ...colours.map(colour => colour + COLOURS)]
}

/** FNV-1a over UTF-16 units, 32 bits: spreads well, and nobody gains by a collision. */
function fnv1a(text: string): number {
  const offsetBasis = 0x811c9dc5
  const prime = 0x01000193
  let hash = offsetBasis
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), prime)
  return hash >>> 0
}
