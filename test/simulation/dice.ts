/**
 * Randomness by name: each part of a world draws from a stream of its own, made from the seed and the part's name. So
 * taking a step out of a plan disturbs the rest as little as can be, which is what lets a failing plan be shortened.
 */
import { hash } from 'node:crypto'
import { seeded } from '../support/core-world.ts'

export class Dice {
  readonly #random: () => number

  constructor(seed: number, name: string) {
    this.#random = seeded(Number.parseInt(hash('sha256', `${seed} ${name}`, 'hex').slice(0, 8), 16))
  }

  /** From 0 up to 1. */
  readonly next = (): number => this.#random()

  /** True this often, of 1. */
  chance(share: number): boolean {
    return this.#random() < share
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1))
  }

  /** From `low` to `high`, the smaller ones more often. */
  skewed(low: number, high: number): number {
    return low + this.#random() ** 3 * (high - low)
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.whole(0, items.length - 1)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** Some of them, each with an even chance. */
  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.chance(0.5))
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map(item => ({ item, key: this.#random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item)
  }
}
