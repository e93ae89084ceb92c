/**
 * Any event of a session, every string of it as its worst author would write it.
 */
import fc from 'fast-check'
import type { UiEvent } from '../../src/api/events.ts'
import { anyText } from '../text/arbitraries.ts'

/** Few people and rooms, so that they meet again. */
const peer = fc.oneof(fc.constantFrom('12D3KooWA', '12D3KooWB', '12D3KooWC'), anyText(8))
const room = fc.oneof(fc.constantFrom('lobby', 'tea'), anyText(8))
const name = fc.oneof(fc.constantFrom('alice', 'аlice', 'bob'), anyText(8))
const text = anyText(30)
const fingerprint = anyText(8)
const ms = fc.oneof(fc.integer({ min: 0, max: 2_000_000_000_000 }), fc.double())
const number = fc.nat()

const only = <const T extends string>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

const id = fc.oneof(fc.constantFrom('aa', 'bb'), text)
const quote = fc.record({ id, peer, name, sentAt: ms, own: fc.boolean(), text })
const reaction = fc.record({ peer, name, emoji: text })

/** What a message has only sometimes. */
const sometimes = fc.record(
  {
    code: fc.constant(true as const),
    replyTo: id,
    replied: quote,
    editedAt: ms,
    deletedAt: ms,
    reactions: fc.array(reaction),
  },
  { requiredKeys: [] },
)
const said = { id, peer, name, text, action: fc.boolean(), sentAt: ms, own: fc.boolean() }
const recalled = fc.tuple(fc.record(said), sometimes).map(([one, more]) => ({ ...one, ...more }))
const amending = {
  room,
  peer,
  name,
  id,
  eventId: text,
  via: only('live', 'history'),
  own: fc.boolean(),
  about: quote,
}

export const anyEvent: fc.Arbitrary<UiEvent> = fc.oneof(
  fc.record({ type: only('ready'), version: text, peer, name, room, addresses: fc.array(text) }),
  fc.record({ type: only('helper'), state: only('connected', 'lost'), peer, address: text }),
  fc.record({ type: only('joined'), room, peer, name, fingerprint }),
  fc.record({ type: only('renamed'), room, peer, name, was: name, fingerprint }),
  fc.record(
    {
      type: only('path'),
      peer,
      path: only('direct', 'relayed'),
      transport: text,
      rttMs: number,
      because: text,
    },
    { requiredKeys: ['type', 'peer', 'path', 'transport', 'rttMs'] },
  ),
  fc.record({ type: only('left'), room, peer, name, reason: only('quit', 'lost') }),
  fc
    .tuple(
      recalled,
      fc.record({
        type: only('message'),
        room,
        receivedAt: ms,
        via: only('live', 'history'),
        late: fc.boolean(),
      }),
    )
    .map(([one, more]) => ({ ...one, ...more })),
  fc.record({ type: only('edited'), ...amending, text, editedAt: ms }),
  fc.record({ type: only('deleted'), ...amending, deletedAt: ms }),
  fc.record({ type: only('reacted'), ...amending, emoji: text, on: fc.boolean(), reactedAt: ms }),
  fc.record({ type: only('sent'), room, id: text, text }),
  fc.record({ type: only('delivered'), room, id: text, peer, count: number, of: number }),
  fc.record({ type: only('synced'), room, peer, received: number, sent: number }),
  fc.record({ type: only('notice'), code: text, text, room }),
  fc.record({ type: only('notice'), code: text, text }),
  fc.record({ type: only('notice'), code: only('history'), text, room, messages: fc.array(recalled) }),
  fc.record({ type: only('error'), code: text, text, remedy: text }),
  fc.record({ type: only('bye'), undelivered: number }),
)
