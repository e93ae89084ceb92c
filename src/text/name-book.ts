/**
 * What to call each peer on the screen: its newest claimed name, made safe, with a tag of its fingerprint where
 * somebody else's name looks like it. It remembers people after they left, so that whoever takes the name of
 * somebody who went is told apart from them. It is not who is here.
 *
 * Names are compared as they are shown, since that is what could be mistaken. Display names are kept until
 * somebody of the same skeleton comes, goes or renames; a message costs a look-up.
 */
import { displayAlike, skeleton } from '../room/names/names.ts'
import { sanitiseLine } from './sanitise.ts'

/** People remembered, those heard of last: far more than talk in any room, a few hundred kilobytes. */
export const MAX_REMEMBERED = 4_096

/** Stands for a name of which nothing can be seen. */
const NAMELESS = '?'

interface Entry {
  readonly key: string
  /** As claimed. */
  readonly claim: string
  /** As safe to show, without a tag. */
  readonly name: string
  readonly fingerprint: string
  readonly alike: string
  /** The name with its tag, until somebody alike comes or goes. */
  shown?: string
}

export class NameBook {
  readonly #fingerprintOf: (peer: string) => string
  /** In the order in which they were last heard of. */
  readonly #entries = new Map<string, Entry>()
  readonly #bySkeleton = new Map<string, Map<string, Entry>>()

  /** `fingerprintOf` gives the fingerprint of a peer id, as the core's `fingerprint` makes it. */
  constructor(fingerprintOf: (peer: string) => string) {
    this.#fingerprintOf = fingerprintOf
  }

  /** Notes what a peer claims to be called, and returns what to call it. */
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

  /** What to call a peer that was learned and isn't forgotten. */
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
    for (const [key, shown] of displayAlike([...group.values()])) {
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
 * One name, safe to show and to stand between angle brackets: `bob> yes <alice` must not look like two people.
 */
export function showName(claim: string): string {
  const name = sanitiseLine(sanitiseLine(claim).trim()).replaceAll('<', '‹').replaceAll('>', '›')
  return name === '' ? NAMELESS : name
}

function forgetShown(group: ReadonlyMap<string, Entry>): void {
  for (const entry of group.values()) delete entry.shown
}
