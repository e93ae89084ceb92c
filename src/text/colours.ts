/**
 * Colours: whether to use them, and which. A colour only helps the eye to follow a person; nothing is said by
 * colour alone, since line mode must read the same without.
 */

export type Colour = 'none' | 'ansi'

/** The environment variables that matter. */
export type ColourEnvironment = Readonly<Record<string, string | undefined>>

/**
 * Whether output to such a stream should have colours. `NO_COLOR` wins (https://no-color.org: "regardless of
 * its value"), then `FORCE_COLOR` (https://force-color.org; Node's `0` and `false` mean no), then
 * `CLICOLOR_FORCE` and `CLICOLOR` (https://bixense.com/clicolors); otherwise every terminal gets them unless
 * it is dumb.
 */
export function wantsColour(output: { readonly isTTY: boolean; readonly env: ColourEnvironment }): Colour {
  const { isTTY, env } = output
  if (isSet(env['NO_COLOR'])) return 'none'
  if (isSet(env['FORCE_COLOR'])) return /^(?:0|false)$/i.test(env['FORCE_COLOR']) ? 'none' : 'ansi'
  if (isSet(env['CLICOLOR_FORCE']) && env['CLICOLOR_FORCE'] !== '0') return 'ansi'
  if (env['CLICOLOR'] === '0' || env['TERM'] === 'dumb') return 'none'
  return isTTY ? 'ansi' : 'none'
}

/** All three conventions count an empty variable as unset. */
function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}

/**
 * Colours of people from xterm's fixed 256 (the first 16 are the user's unknown theme). Each has a contrast
 * of at least 3:1 to black and to white, as WCAG 2.2 asks of large text, so one set serves dark and light
 * terminals. Of the 68 that qualify, these are the 8 whose smallest difference (CIEDE2000) is largest, for
 * normal sight and each kind of colour blindness (Machado et al. 2009): 13. Ten would leave 10.8.
 */
export const PEOPLE_COLOURS: readonly number[] = [59, 65, 69, 93, 126, 139, 160, 202]

/** Grey that is readable on black and on white: times, and events around the conversation. */
const FAINT_COLOUR = 244

export interface Colouring {
  /** In the colour of this person. */
  person(peer: string, text: string): string
  faint(text: string): string
  highlight(text: string): string
}

const plainInk: Colouring = { person: (_, text) => text, faint: text => text, highlight: text => text }

class AnsiInk implements Colouring {
  readonly #colours = new PersonColours()

  person(peer: string, text: string): string {
    const look = this.#colours.hear(peer)
    const coloured = inColour(PEOPLE_COLOURS[look % COLOUR_COUNT] ?? FAINT_COLOUR, text)
    return look < COLOUR_COUNT ? coloured : this.highlight(coloured)
  }

  faint(text: string): string {
    return inColour(FAINT_COLOUR, text)
  }

  highlight(text: string): string {
    return `\u001b[1m${text}\u001b[22m`
  }
}

/** Writes in colour, or not. The text must be safe already. */
export function colouringOf(colour: Colour): Colouring {
  return colour === 'ansi' ? new AnsiInk() : plainInk
}

function inColour(colour: number, text: string): string {
  return `\u001b[38;5;${colour}m${text}\u001b[39m`
}

// The look of each person. Each key has its own order of preference, the same everywhere, and gets the first
// look that none of the people heard recently has. It keeps that look as long as the program runs, so that
// nobody changes colour in a conversation.

/** Colours in each palette. */
export const COLOUR_COUNT = 8
/** Looks: each colour, and each in bold once the colours are taken. */
export const LOOK_COUNT = 2 * COLOUR_COUNT

/** People remembered, most recently heard; as many as names. */
const MAX_REMEMBERED = 4_096

export class PersonColours {
  /** In the order of hearing. */
  readonly #looks = new Map<string, number>()

  /** The look of someone who is heard now: below `COLOURS` a colour, from there on the same ones in bold. */
  hear(peer: string): number {
    const known = this.#looks.get(peer)
    const look = known ?? this.#choose(peer)
    if (known !== undefined) this.#looks.delete(peer)
    this.#looks.set(peer, look)
    if (this.#looks.size > MAX_REMEMBERED) this.#looks.delete(this.#looks.keys().next().value ?? peer)
    return look
  }

  /** The look that someone has, or would get now. */
  find(peer: string): number {
    return this.#looks.get(peer) ?? this.#choose(peer)
  }

  #choose(peer: string): number {
    const taken = new Set([...this.#looks.values()].slice(1 - LOOK_COUNT))
    const wanted = preferences(peer)
    return wanted.find(look => !taken.has(look)) ?? wanted[0] ?? 0
  }
}

/** The look of someone who is alone. */
export function preferredLook(peer: string): number {
  return fnv1a(peer) % COLOUR_COUNT
}

/** All looks, the colours first, each half in an order derived from the key. */
function preferences(peer: string): readonly number[] {
  const first = preferredLook(peer)
  // an odd step visits each of eight
  const step = 1 + 2 * ((fnv1a(peer) >>> 8) % (COLOUR_COUNT / 2))
  const colours = Array.from({ length: COLOUR_COUNT }, (_, at) => (first + at * step) % COLOUR_COUNT)
  return [...colours, ...colours.map(colour => colour + COLOUR_COUNT)]
}

/** FNV-1a over UTF-16 units, 32 bits: spreads well, and a collision gains nobody anything. */
function fnv1a(text: string): number {
  const offsetBasis = 0x811c9dc5
  const prime = 0x01000193
  let hash = offsetBasis
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), prime)
  return hash >>> 0
}
