/**
 * Finds whom a user means by a name. Names are claims, so several people may have one, and then the user is
 * asked rather than guessed at.
 */
import type { PeerKey } from '../../protocol/ids.ts'
import { displayNames, skeleton } from '../../room/names/names.ts'
import type { Member } from '../../room/presence/members.ts'
import { showName } from '../../text/name-book.ts'
import type { PeerLabels } from '../peer-labels.ts'

/** A person as lists show it. */
export interface Listed {
  readonly key: PeerKey
  /** Peer id. */
  readonly peer: string
  /** As claimed. */
  readonly name: string
  /** In one line that is safe to print, and told apart from others that look alike. */
  readonly shown: string
  readonly fingerprint: string
}

export type Found =
  | { readonly kind: 'one'; readonly person: Listed }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly people: readonly Listed[] }

/** People who are here, with the names that tell them apart, in the order given. */
export function listPeople(people: readonly Member[], directory: PeerLabels): readonly Listed[] {
  return listNamed(
    people.map(({ key, beacon }) => ({ key, name: beacon.name })),
    directory,
  )
}

/** The same of anybody whose name is known; who has none goes by his fingerprint. */
export function listNamed(
  people: readonly Pick<Listed, 'key' | 'name'>[],
  directory: PeerLabels,
): readonly Listed[] {
  const named = people.map(({ key, name }) => ({ key, name, ...directory.of(key) }))
  // a name may hold anything, also line ends, behind which it would speak for the program
  const shown = displayNames(
    named.flatMap(person => (person.name === '' ? [] : { ...person, name: showName(person.name) })),
  )
  return named.map(person => ({ ...person, shown: shown.get(person.key) ?? person.fingerprint }))
}

/** Whom `text` means: a name as shown, a name that looks like it, or the begin of a fingerprint or peer id. */
export function findPerson(text: string, people: readonly Listed[]): Found {
  const wanted = text.startsWith('@') ? text.slice(1) : text
  const exact = people.filter(person => person.shown === wanted || person.peer === wanted)
  const alike = people.filter(person => skeleton(person.name) === skeleton(wanted))
  const marked = people.filter(
    person => wanted.length >= 4 && person.fingerprint.startsWith(wanted.toUpperCase()),
  )
  const found = [exact, alike, marked].find(matches => matches.length > 0) ?? []
  const [first] = found
  if (first === undefined) return { kind: 'none' }
  return found.length === 1 ? { kind: 'one', person: first } : { kind: 'several', people: found }
}
