/**
 * Finds the member that a user means by a name. Names are claims, so several people may have one; then the
 * user is asked.
 */
import type { PeerKey } from '../../protocol/ids.ts'
import { displayNames, skeleton } from '../../room/names/names.ts'
import type { Member } from '../../room/presence/members.ts'
import { showName } from '../../text/name-book.ts'
import type { PeerLabels } from '../peer-labels.ts'

/** A person in a list. */
export interface ListedPerson {
  readonly key: PeerKey
  /** Peer id. */
  readonly peer: string
  /** As claimed. */
  readonly name: string
  /** One line, safe to print, distinguishable from similar names. */
  readonly shown: string
  readonly fingerprint: string
}

export type LookupResult =
  | { readonly kind: 'one'; readonly person: ListedPerson }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly people: readonly ListedPerson[] }

/** People who are here, with distinguishable names, in the order given. */
export function listPeople(people: readonly Member[], directory: PeerLabels): readonly ListedPerson[] {
  return listNamed(
    people.map(({ key, beacon }) => ({ key, name: beacon.name })),
    directory,
  )
}

/** The same for anyone whose name is known; others are listed by their fingerprint. */
export function listNamed(
  people: readonly Pick<ListedPerson, 'key' | 'name'>[],
  directory: PeerLabels,
): readonly ListedPerson[] {
  const named = people.map(({ key, name }) => ({ key, name, ...directory.of(key) }))
  // a name may contain anything, even line ends, after which it would speak for the program
  const shown = displayNames(
    named.flatMap(person => (person.name === '' ? [] : { ...person, name: showName(person.name) })),
  )
  return named.map(person => ({ ...person, shown: shown.get(person.key) ?? person.fingerprint }))
}

/**
 * The person that `text` means: a name as shown, a similar name, or the beginning of a fingerprint or peer
 * id.
 */
export function findPerson(text: string, people: readonly ListedPerson[]): LookupResult {
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
