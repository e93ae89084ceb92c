/**
 * What many end-to-end tests do and check alike: gather people in a room, have them talk, part, and count what each
 * of them was shown all in all.
 */
import { expect } from 'vitest'
import type { JsonProgram } from '../support/process-peer.ts'
import type { PeerOptions, Stage } from '../support/process-stage.ts'

/** A peer process and the name it goes by. */
export interface Person {
  readonly name: string
  readonly peer: JsonProgram
}

/** Starts a peer for each name. */
export function people(stage: Stage, names: readonly string[], options: PeerOptions): Promise<Person[]> {
  return Promise.all(names.map(async name => ({ name, peer: await stage.peer(name, options) })))
}

/** Starts a peer for each name; resolves when each was told of every other one. */
export async function meet(stage: Stage, names: readonly string[], options: PeerOptions): Promise<Person[]> {
  const all = await people(stage, names, options)
  await gathered(all)
  return all
}

/** Resolves when each of these people was told of every other one. */
export async function gathered(all: readonly Person[]): Promise<void> {
  await Promise.all(
    all.flatMap(({ peer, name }) =>
      all.filter(other => other.name !== name).map(other => peer.next({ type: 'joined', name: other.name })),
    ),
  )
}

/** Resolves when each of these people is directly connected to every other one. */
export async function connected(all: readonly Person[]): Promise<void> {
  const ids = await Promise.all(all.map(async ({ peer }) => (await peer.next({ type: 'ready' })).peer))
  await Promise.all(
    all.flatMap(({ peer }, at) =>
      ids
        .filter((_, other) => other !== at)
        .map(id => peer.next({ type: 'path', peer: id, path: 'direct', transport: 'tcp' })),
    ),
  )
}

/** Resolves when each of these people was shown every one of the texts that isn't its own. */
export async function allHeard(
  all: readonly Person[],
  texts: (listener: Person) => readonly string[],
): Promise<void> {
  await Promise.all(all.map(person => person.peer.heard(texts(person))))
}

/** Everyone leaves properly, so that nothing can come any more. */
export async function part(all: readonly Person[]): Promise<void> {
  for (const { peer } of all) peer.command('/quit')
  for (const { peer } of all) await peer.exits(0)
}

/** After the parting: each of these people was shown exactly these texts of others, each once, and no fault. */
export function expectHeard(all: readonly Person[], texts: (listener: Person) => readonly string[]): void {
  for (const person of all) {
    const shown = person.peer.messages.map(message => message.text)
    expect(shown.toSorted(), person.name).toEqual(texts(person).toSorted())
    expect(person.peer.all({ type: 'error' }), person.name).toEqual([])
    expect(person.peer.stderr, person.name).toBe('')
  }
}
