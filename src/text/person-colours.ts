/**
 * Which look of the palette each person has. A key has an order of preference of its own, which is the same everywhere,
 * and gets the first look of it that nobody has whom it would be taken for: those who were heard of last. Once given it
 * stays for as long as the program runs, whoever comes, so that nobody changes colour in the middle of a talk.
 */

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
