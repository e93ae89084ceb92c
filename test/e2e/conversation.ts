/** Honest people who talk for as long as something lasts; afterwards each must have heard all that was said, once. */
import { expect } from 'vitest'
import type { Person } from './room-story.ts'
import { allHeard, part } from './room-story.ts'

export class Conversation {
  readonly #people: Person[]
  #rounds = 0

  constructor(people: readonly Person[]) {
    this.#people = [...people]
  }

  /** Round after round, each once everybody has heard the one before, until `attack` is over. */
  async during(attack: Promise<unknown>): Promise<void> {
    let isOver = false
    const over = attack.finally(() => {
      isOver = true
    })
    do await this.round()
    while (!isOver)
    await over
    await this.round()
  }

  /** All that was said so far. */
  get texts(): string[] {
    const rounds = Array.from({ length: this.#rounds }, (_, round) => round)
    return rounds.flatMap(round => this.#people.map(({ name }) => textOf(name, round)))
  }

  /** Everybody says something, and hears all others. */
  async round(): Promise<void> {
    const round = this.#rounds++
    for (const { name, peer } of this.#people) peer.say(textOf(name, round))
    await allHeard(this.#people, listener => this.#others(listener).map(({ name }) => textOf(name, round)))
  }

  /** Everybody leaves, and all that was said was shown to everyone else exactly once. */
  async end(): Promise<void> {
    await part(this.#people)
    const names = new Set(this.#people.map(({ name }) => name))
    for (const person of this.#people) {
      const honest = person.peer.messages.filter(({ name }) => names.has(name)).map(({ text }) => text)
      const expected = Array.from({ length: this.#rounds }, (_, round) =>
        this.#others(person).map(({ name }) => textOf(name, round)),
      )
      expect(honest.toSorted()).toEqual(expected.flat().toSorted())
      expect(person.peer.all({ type: 'error' })).toEqual([])
      expect(person.peer.stderr).toBe('')
    }
  }

  #others(person: Person): Person[] {
    return this.#people.filter(other => other !== person)
  }
}

function textOf(name: string, round: number): string {
  return `${name} in round ${round}`
}
