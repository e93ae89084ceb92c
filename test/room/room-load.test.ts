import { describe, expect, test } from 'vitest'
import { FORK_TAIL } from '../../src/protocol/limits.ts'
import { chain, message } from '../support/core-chain.ts'
import { exchangesWithin, five, NAMES, talk } from '../support/core-crowd.ts'
import { Network } from '../support/core-network.ts'
import { EPOCH, signerOf } from '../support/core-world.ts'
import { SEED } from '../support/seed.ts'

const DAY_MS = 86_400_000
describe('a pasted log of 2,000 lines', () => {
  test('leaves at a pace that nobody refuses, and arrives whole and in order', () => {
    const network = new Network({ seed: SEED })
    const members = network.crowd(NAMES.slice(0, 3))
    network.run(3_000)
    const [ann] = members
    const lines = Array.from({ length: 2_000 }, (_, line) => `line ${line}`)
    for (const line of lines) ann?.say(line)
    network.run(10_000)
    for (const member of members) expect(member.texts, member.name).toEqual(lines)
    const reasons = members.flatMap(member =>
      member.effects.map(one => (one.kind === 'verdict' ? one.reason : '')),
    )
    expect(reasons.filter(reason => reason.endsWith('rate'))).toEqual([])
    expect(ann?.receipts.length).toBe(2 * lines.length)
  })
})

describe('a hostile author', () => {
  test('who forks its chain is shown by everyone alike in the end, and sets nobody on each other', () => {
    const { network, members } = five()
    const mallory = signerOf('mallory')
    const first = message(mallory, { ts: EPOCH + 1 })
    for (const [index, member] of members.entries()) {
      const branch = chain(mallory, 6 + index, { parent: first, text: `to ${member.name}` })
      member.give([first, ...branch])
    }
    const said = talk(network, members, 20, 300)
    network.run(120_000)
    const held = members.map(member => member.held)
    for (const one of held) expect(one).toEqual(held[0])
    expect(members[0]?.log.latest(1_000).length).toBeLessThanOrEqual(said.length + 1 + 4 * (FORK_TAIL + 1))
    for (const member of members) {
      expect(member.texts.filter(text => said.includes(text)).toSorted()).toEqual(said.toSorted())
      expect([member.rejected, member.expelled]).toEqual([[], []])
    }
    expect(exchangesWithin(network, 600_000)).toBe(0)
  })

  test('whose message only a far clock takes in keeps nobody busy for long', () => {
    const { network, members } = five()
    const ahead = network.join('ahead', DAY_MS)
    for (const member of members) network.link(ahead, member)
    ahead.give([message(signerOf('mallory'), { ts: EPOCH + DAY_MS })])
    network.run(600_000)
    expect(members.map(member => member.held.length)).toEqual([0, 0, 0, 0, 0])
    const exchanges = exchangesWithin(network, 600_000)
    // both of each pair look into it, in the end no more than every half minute
    expect(exchanges).toBeGreaterThan(0)
    expect(exchanges).toBeLessThanOrEqual(5 * 2 * 20)
  })
})
