/**
 * The names to show where several people are listed: the plain name if nobody else's looks like it, otherwise
 * the name with a tag of the fingerprint: `alice·K7QF`. It doesn't make names safe for a terminal.
 */

import { skeleton } from './confusables.ts'
import { FINGERPRINT_GROUPS, tagOf } from './fingerprint.ts'

/** Between a name and its tag. */
const TAG_MARK = '·'

/** A name that ends as if it had a tag, in the skeleton's letters, where `rn` may be an m and `vv` a w. */
const TAG_AT_END = /·(?:(?:rn|vv|[a-z2-9]){4}-?)+$/u

/** Catalan's doubled l, in a word that goes on in small letters as no tag does: `Col·lell`. */
const DOUBLED_L = /[lL]·[lL]\p{Ll}+$/u

export interface NamedPerson<Key extends string = string> {
  readonly key: Key
  /** As claimed. */
  readonly name: string
  /** As `fingerprint` makes it. */
  readonly fingerprint: string
}

/**
 * True for a name that could be mistaken for a tagged one. Such a name is always shown with its own tag
 * behind it.
 */
export function looksTagged(name: string): boolean {
  return TAG_AT_END.test(skeleton(name)) && !DOUBLED_L.test(name)
}

/**
 * A name to show for each of these people, no two alike. The tags within a group of colliding names have the
 * same length: as many groups of the fingerprint as it takes to tell them apart.
 */
export function displayNames<Key extends string>(people: Iterable<NamedPerson<Key>>): Map<Key, string> {
  const named = new Map<Key, string>()
  const byKey = new Map(Array.from(people, person => [person.key, person]))
  for (const alike of Map.groupBy(byKey.values(), person => skeleton(person.name)).values()) {
    for (const [key, name] of displaySimilarNames(alike)) named.set(key, name)
  }
  return named
}

/** The same for people whose names are known to look alike, for callers that keep them grouped. */
export function displaySimilarNames<Key extends string>(alike: readonly NamedPerson<Key>[]): [Key, string][] {
  const [first] = alike
  if (first !== undefined && alike.length === 1 && !looksTagged(first.name)) return [[first.key, first.name]]
  const groups = groupsNeeded(alike.map(person => person.fingerprint))
  return alike.map(person => [person.key, `${person.name}${TAG_MARK}${tagOf(person.fingerprint, groups)}`])
}

function groupsNeeded(fingerprints: readonly string[]): number {
  const distinct = new Set(fingerprints).size
  for (let groups = 1; groups < FINGERPRINT_GROUPS; groups++) {
    if (new Set(fingerprints.map(text => tagOf(text, groups))).size === distinct) return groups
  }
  return FINGERPRINT_GROUPS
}
