/** Five people in one room, and their talk. */
import type { Member } from './core-member.ts'
import { Network } from './core-network.ts'
import { pick } from './core-world.ts'
import { SEED } from './seed.ts'

export const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve'] as const

export function five(options: { readonly loss?: number } = {}): { network: Network; members: Member[] } {
  const network = new Network({ seed: SEED, ...options })
  const members = network.crowd(NAMES)
  network.run(3_000)
  return { network, members }
}

/** Everyone says things at random moments. Returns all that was said. */
export function talk(network: Network, members: readonly Member[], count: number, everyMs: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const member = pick(members, network.random)
    const text = `${member.name} says ${index}`
    member.say(text)
    network.run(network.random() * 2 * everyMs)
    return text
  })
}

export function exchangesWithin(network: Network, ms: number): number {
  const before = network.exchanged.length
  network.run(ms)
  return network.exchanged.length - before
}
