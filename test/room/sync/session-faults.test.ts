import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RoomId } from '../../../src/protocol/ids.ts'
import { MAX_CHAINS } from '../../../src/protocol/limits.ts'
import { END } from '../../../src/protocol/ranges.ts'
import type { SyncMessage } from '../../../src/protocol/sync-message.ts'
import { FLAT_CHAINS } from '../../../src/protocol/sync-message.ts'
import { SyncSession } from '../../../src/room/sync/session.ts'
import { ALICE } from '../../support/core-arbitraries.ts'
import { message, unsigned } from '../../support/core-chain.ts'
import { nextExchange } from '../../support/core-exchange.ts'
import { chainAt, sorted } from '../../support/core-frontiers.ts'
import { syncMessage } from '../../support/core-sync-arbitraries.ts'
import { logIdOf, OTHER_ROOM } from '../../support/core-world.ts'
import { SEED } from '../../support/seed.ts'
import {
  ALICES,
  BOBS,
  cut,
  END_OF_IT,
  have,
  held,
  hello,
  listen,
  messages,
  OFFER,
  PARTNER,
  placed,
  side,
  want,
} from './session-kit.ts'

describe('a partner that does what no honest one does is to blame:', () => {
  const wrong: Readonly<Record<string, readonly SyncMessage[]>> = {
    'it begins with something else than HELLO': [have()],
    'it says HELLO twice': [hello(), hello()],
    'it ends in the middle': [hello(), END_OF_IT],
    'it sends messages before it is asked': [hello(), messages(...ALICES)],
    'its chains are in no order': [
      hello(),
      { kind: 'have', chains: sorted([chainAt(1), chainAt(2)]).toReversed(), part: 'last' },
    ],
    'it names a chain twice': [hello(), { kind: 'have', chains: [held(ALICES), held(ALICES)], part: 'last' }],
    'its parts are in no order': [
      hello(),
      { kind: 'have', chains: sorted([chainAt(1), chainAt(2)]).slice(1), part: 'more' },
      have(...sorted([chainAt(1), chainAt(2)]).slice(0, 1)),
    ],
    'it says nothing, and that more follows': [hello(), { kind: 'have', chains: [], part: 'more' }],
    'it compares ranges where chains are to be listed': [
      hello(),
      {
        kind: 'ranges',
        ranges: [{ kind: 'print', bound: END, print: '00'.repeat(16) }],
        chains: [],
        requested: [],
        part: 'last',
      },
    ],
    'it wants a chain twice': [hello(), have(), want({ wants: [0, 3].map(seq => ({ index: 0, seq })) })],
    'it wants what it was not told of': [hello(), have(), want({ wants: [{ index: 1, seq: 0 }] })],
    'it wants nothing, and more': [hello(), have(), want({ part: 'more' })],
    'it sends newest messages that nobody wanted': [...OFFER, { kind: 'tail', wires: [] }],
    'it sends what is before a chain, which nobody wanted': [
      ...OFFER,
      { kind: 'earlier', wires: ALICES.slice(0, 3).map(one => one.wire) },
    ],
    'it sends another chain': [...OFFER, messages(...BOBS)],
    'it sends earlier places': [...OFFER, messages(...ALICES.slice(4))],
    'it sends later places': [...OFFER, messages(...ALICES.slice(6))],
    'it leaves one out': [...OFFER, messages(...ALICES.slice(5, 7), ...ALICES.slice(8))],
    'it leaves one out between parts': [
      ...OFFER,
      messages(...ALICES.slice(5, 7)),
      messages(...ALICES.slice(8)),
    ],
    'it sends them backwards': [...OFFER, messages(...ALICES.slice(5, 7).toReversed())],
    'it sends them again': [...OFFER, messages(...ALICES.slice(5, 7)), messages(...ALICES.slice(5, 7))],
    'it mixes chains': [...OFFER, messages(...ALICES.slice(5, 7), ...BOBS)],
    'it sends an empty part': [...OFFER, messages()],
    'it sends noise': [...OFFER, { kind: 'messages', wires: [new Uint8Array(200).fill(0x8a)] }],
    'it sends what nobody signed': [...OFFER, messages(...ALICES.slice(5, 8).map(unsigned))],
    'it sends messages of another room': [
      hello(),
      have({ ...held(BOBS), author: ALICE.author, log: logIdOf(7) }),
      want(),
      messages(message(ALICE, { room: OTHER_ROOM, log: logIdOf(7) })),
    ],
    'it goes on after the end': [...OFFER, END_OF_IT, messages(...ALICES.slice(5))],
    'it goes on after both were found to be equal': [
      hello({ digest: side().peer.digest }),
      have(held(ALICES)),
    ],
  }

  test.each(Object.keys(wrong))('%s', name => {
    const { exchange, peer } = side()
    const said = wrong[name] ?? []
    expect(listen(exchange, said.slice(0, -1))).toBeUndefined()
    expect(listen(exchange, said.slice(-1))).toMatchObject({ blame: 'partner' })
    expect(peer.held.length).toBeLessThan(20)
  })

  test('it speaks of another room than it was asked about', () => {
    const { exchange } = side({ role: 'opener' })
    expect(listen(exchange, [hello({ room: OTHER_ROOM })])).toMatchObject({ blame: 'partner' })
  })

  test('it names more chains than a room can have', () => {
    const all = sorted(Array.from({ length: MAX_CHAINS + 1 }, (_, number) => chainAt(number)))
    const parts = cut(all, FLAT_CHAINS).map((chains): SyncMessage => ({ kind: 'have', chains, part: 'more' }))
    expect(listen(side().exchange, [hello(), ...parts])).toMatchObject({ blame: 'partner' })
  })

  test('its ranges break the rules', () => {
    const chains = sorted(Array.from({ length: FLAT_CHAINS + 1 }, (_, number) => chainAt(number)))
    const greeting = () => ({
      beacon: new Uint8Array(3),
      digest: '22'.repeat(32),
      chains: chains.length,
      places: 9,
    })
    const room = { greeting, frontier: () => chains }
    const { exchange } = side({ room })
    const said = [
      hello({ chains: 200 }),
      { kind: 'ranges', ranges: [], chains: [chainAt(1)], requested: [], part: 'last' } as const,
    ]
    expect(listen(exchange, said)).toMatchObject({ blame: 'partner' })
  })

  test('it sends without end', () => {
    const { exchange } = side({ room: { onSegment: () => 'accept', isReassigned: () => false } })
    function* endless(): Generator<SyncMessage> {
      yield* OFFER
      for (let seq = 5; ; seq += 42) {
        yield {
          kind: 'messages',
          wires: Array.from({ length: 42 }, (_, index) => placed(seq + index, 9_216)),
        }
      }
    }
    expect(listen(exchange, endless())).toMatchObject({ blame: 'partner', reason: 'it sends without end' })
  })

  test('anything at all, which never throws', () => {
    const some = fc.oneof(
      { weight: 3, arbitrary: syncMessage },
      {
        weight: 2,
        arbitrary: fc.constantFrom(...OFFER, END_OF_IT, messages(...ALICES.slice(5)), hello({ chains: 500 })),
      },
    )
    fc.assert(
      fc.property(
        fc.array(some, { maxLength: 10 }),
        fc.constantFrom('opener' as const, undefined),
        (said, role) => {
          listen(side({ ...(role && { role }) }).exchange, said)
        },
      ),
      { seed: SEED },
    )
  })
})

describe('nobody is to blame', () => {
  test('for a room that is not open here', () => {
    const exchange = new SyncSession({ room: () => undefined, peer: PARTNER, exchange: nextExchange() })
    expect(listen(exchange, [hello({ room: 'cc'.repeat(16) as RoomId })])).toMatchObject({ blame: 'nobody' })
  })

  test('for what came from elsewhere meanwhile, but it is not listened to for ever', () => {
    const all = Array.from({ length: 40 }, (_, number) => message(ALICE, { log: logIdOf(number + 10) }))
    const { exchange, peer } = side()
    const offer = [hello(), have(...all.map(one => held([one]))), want()]
    expect(listen(exchange, offer)).toBeUndefined()
    peer.give(all)
    const order = sorted(all.map(one => held([one])))
    const parts = order.map(one => messages(...all.filter(({ log }) => log === one.log)))
    expect(listen(exchange, parts.slice(0, 16))).toBeUndefined()
    expect(listen(exchange, parts.slice(16))).toMatchObject({ blame: 'nobody' })
  })

  test('when others are faster', () => {
    const { exchange } = side({ room: { isReassigned: () => true } })
    expect(listen(exchange, [...OFFER, messages(...ALICES.slice(5))])).toMatchObject({ blame: 'nobody' })
  })
})
