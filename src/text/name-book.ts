/**
 * The name book: what to call each peer on screen: its latest name, sanitised, with a tag of its fingerprint
 * if someone else's name looks like it. It remembers people after they leave, so that whoever takes over a
 * name is distinguished. It doesn't track presence.
 *
 * Names are compared as they are shown, since that is what people confuse. Display names are cached until
 * someone with the same skeleton comes, goes or renames; a message costs one look-up.
 */
import { displaySimilarNames, skeleton } from '../room/names/names.ts'
import { sanitiseLine } from './sanitise.ts'

/** People remembered, most recently heard: far more than talk in any room, a few hundred kilobytes. */
export const MAX_REMEMBERED = 4_096

/** Replaces a name without a visible character. */
const NAMELESS = '?'

interface Entry {
  readonly key: string
  /** As claimed. */
  readonly claim: string
  /** Sanitised, without a tag. */
  readonly name: string
  readonly fingerprint: string
  readonly alike: string
  /** The name with its tag, cached until someone similar comes or goes. */
  shown?: string
}

export class NameBook {
  readonly #fingerprintOf: (peer: string) => string
  /** In the order of hearing. */
  readonly #entries = new Map<string, Entry>()
  readonly #bySkeleton = new Map<string, Map<string, Entry>>()

  /** `fingerprintOf` gives the fingerprint of a peer id, as the core's `fingerprint` makes it. */
  constructor(fingerprintOf: (peer: string) => string) {
    this.#fingerprintOf = fingerprintOf
  }

  /** Records a peer's claimed name, and returns what to call it. */
  learn(peer: string, claim: string): string {
    const known = this.#entries.get(peer)
    if (known !== undefined) this.#entries.delete(peer)
    if (known?.claim === claim) {
      this.#entries.set(peer, known)
      return this.#shown(known)
    }
    if (known !== undefined) this.#unlink(known)
    const entry = this.#entryOf(peer, claim)
    this.#entries.set(peer, entry)
    this.#link(entry)
    this.#forgetOldest()
    return this.#shown(entry)
  }

  /** What to call a known peer. */
  find(peer: string): string | undefined {
    const entry = this.#entries.get(peer)
    return entry === undefined ? undefined : this.#shown(entry)
  }

  get size(): number {
    return this.#entries.size
  }

  #entryOf(peer: string, claim: string): Entry {
    const name = showName(claim)
    return { key: peer, claim, name, fingerprint: this.#fingerprintOf(peer), alike: skeleton(name) }
  }

  #shown(entry: Entry): string {
    if (entry.shown !== undefined) return entry.shown
    const group = this.#bySkeleton.get(entry.alike) ?? new Map([[entry.key, entry]])
    for (const [key, shown] of displaySimilarNames([...group.values()])) {
      const alike = group.get(key)
      if (alike !== undefined) alike.shown = shown
    }
    return entry.shown ?? entry.name
  }

  #link(entry: Entry): void {
    const group = this.#bySkeleton.get(entry.alike) ?? new Map<string, Entry>()
    this.#bySkeleton.set(entry.alike, group.set(entry.key, entry))
    forgetShown(group)
  }

  #unlink(entry: Entry): void {
    const group = this.#bySkeleton.get(entry.alike)
    group?.delete(entry.key)
    if (group?.size === 0) this.#bySkeleton.delete(entry.alike)
    else if (group !== undefined) forgetShown(group)
  }

  #forgetOldest(): void {
    if (this.#entries.size <= MAX_REMEMBERED) return
    for (const [peer, entry] of this.#entries) {
      this.#entries.delete(peer)
      this.#unlink(entry)
      return
    }
  }
}

/**
 * A sanitised name that can stand between angle brackets: `bob> yes <alice` must not look like two people.
 */
export function showName(claim: string): string {
  const name = sanitiseLine(sanitiseLine(claim).trim()).replaceAll('<', '‹').replaceAll('>', '›')
  return name === '' ? NAMELESS : name
}

function forgetShown(group: ReadonlyMap<string, Entry>): void {
  for (const entry of group.values()) delete entry.shown
}
