/**
 * Any event of a session, every string of it as its worst author would write it.
 */
import fc from 'fast-check'
import type { UiEvent } from '../../../src/ui/event.ts'
import { anyText } from './arbitraries.ts'

/** Few people and rooms, so that they meet again. */
const peer = fc.oneof(fc.constantFrom('12D3KooWA', '12D3KooWB', '12D3KooWC'), anyText(8))
const room = fc.oneof(fc.constantFrom('lobby', 'tea'), anyText(8))
const name = fc.oneof(fc.constantFrom('alice', 'аlice', 'bob'), anyText(8))
const text = anyText(30)
const fingerprint = anyText(8)
const ms = fc.oneof(fc.integer({ min: 0, max: 2_000_000_000_000 }), fc.double())
const number = fc.nat()

const only = <const T extends string>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

const recalled = fc.record({
  id: text,
  peer,
  name,
  text,
  action: fc.boolean(),
  sentAt: ms,
  own: fc.boolean(),
})

export const anyEvent: fc.Arbitrary<UiEvent> = fc.oneof(
  fc.record({ type: only('ready'), version: text, peer, name, room, addresses: fc.array(text) }),
  fc.record({ type: only('helper'), state: only('connected', 'lost'), peer, address: text }),
  fc.record({ type: only('joined'), room, peer, name, fingerprint }),
  fc.record({ type: only('renamed'), room, peer, name, was: name, fingerprint }),
  fc.record({ type: only('path'), peer, path: only('direct', 'relayed'), transport: text, rttMs: number }),
  fc.record({ type: only('left'), room, peer, name, reason: only('quit', 'lost') }),
  fc.record({
    type: only('message'),
    room,
    peer,
    name,
    id: text,
    text,
    action: fc.boolean(),
    sentAt: ms,
    receivedAt: ms,
    via: only('live', 'history'),
    late: fc.boolean(),
    own: fc.boolean(),
  }),
  fc.record({ type: only('sent'), room, id: text, text }),
  fc.record({ type: only('delivered'), room, id: text, peer, count: number, of: number }),
  fc.record({ type: only('synced'), room, peer, received: number, sent: number }),
  fc.record({ type: only('notice'), code: text, text, room }),
  fc.record({ type: only('notice'), code: text, text }),
  fc.record({ type: only('notice'), code: only('history'), text, room, messages: fc.array(recalled) }),
  fc.record({ type: only('error'), code: text, text, remedy: text }),
  fc.record({ type: only('bye'), undelivered: number }),
)
