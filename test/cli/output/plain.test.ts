import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageEvent, UiEvent } from '../../../src/api/events.ts'
import { type PlainConfig, PlainView } from '../../../src/cli/output/plain.ts'
import { fingerprint } from '../../../src/room/names/names.ts'
import { PEOPLE_COLOURS, preferredLook } from '../../../src/text/colours.ts'
import { timeFormat } from '../../../src/text/time-format.ts'
import { anyEvent } from '../../api/event-kit.ts'
import { message as anyMessage } from '../../api/message-kit.ts'
import { FORBIDDEN, STRAY_JOINER, seeded } from '../../text/arbitraries.ts'

const NOW = Date.UTC(2026, 10, 22, 14, 3, 22)
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const FINGERPRINTS = new Map([
  ['al', 'ALXX-2222'],
  ['bo', 'BOXX-2222'],
])

const config: PlainConfig = {
  colour: 'none',
  clock: timeFormat('UTC'),
  self: 'me',
  echo: 'none',
  fingerprintOf: peer => FINGERPRINTS.get(peer) ?? fingerprint(Buffer.from(peer), sha256),
}

/** All lines that these events give. */
function show(events: readonly UiEvent[], overrides: Partial<PlainConfig> = {}): string[] {
  const view = new PlainView({ ...config, ...overrides })
  return events.flatMap(event => view.lines(event, NOW))
}

function message(overrides: Partial<MessageEvent> = {}): MessageEvent {
  return anyMessage({ room: 'lobby', sentAt: NOW - 1_000, receivedAt: NOW, ...overrides })
}

const joined = (peer: string, name: string, room = 'lobby'): UiEvent => ({
  type: 'joined',
  room,
  peer,
  name,
  fingerprint: 'K7QF-2MZD',
})

describe('messages', () => {
  it('have the time, the name and the text', () => {
    expect(show([message()])).toEqual(['14:03:22 <alice> hello'])
  })

  it('can be actions', () => {
    expect(show([message({ text: 'waves', action: true })])).toEqual(['14:03:22 * alice waves'])
  })

  it('show where the name of an action ends', () => {
    expect(show([message({ name: 'alice gives bob', text: 'tea', action: true })])).toEqual([
      '14:03:22 * <alice gives bob> tea',
    ])
  })

  it('indent all lines but the first', () => {
    const text = '\n\none\r\n\n\n\n  two\n14:03:22 <bob> three\n'
    expect(show([message({ text })])).toEqual([
      '14:03:22 <alice> one',
      '           ',
      '             two',
      '           14:03:22 <bob> three',
    ])
  })

  it('of history show when they were written, with a line between days', () => {
    const yesterday = message({ via: 'history', sentAt: NOW - DAY_MS - MINUTE_MS })
    expect(show([yesterday, yesterday, message()])).toEqual([
      '-- 2026-11-21 --',
      '14:02:22 <alice> hello',
      '14:02:22 <alice> hello',
      '-- 2026-11-22 --',
      '14:03:22 <alice> hello',
    ])
  })

  it('that are late say so', () => {
    const late = message({ late: true, via: 'history', sentAt: NOW - 8 * MINUTE_MS })
    expect(show([late])).toEqual(['14:03:22 <alice> hello (late, written 13:55)'])
    expect(show([message({ ...late, sentAt: NOW - DAY_MS, text: 'a\nb' })])).toEqual([
      '14:03:22 <alice> a',
      '           b (late, written 2026-11-21 14:03)',
    ])
  })

  it('of my own show, unless the terminal did', () => {
    const own = message({ peer: 'me', name: 'me', own: true })
    expect(show([own])).toEqual(['14:03:22 <me> hello'])
    expect(show([own, message({ ...own, via: 'history' })], { echo: 'terminal' })).toEqual([
      '14:03:21 <me> hello',
    ])
  })

  it('of my own that answer another one tell which, as the terminal only shows a number', () => {
    const replied = { id: 'x', peer: 'bo', name: 'bob', sentAt: NOW, own: false, text: 'who has the key?' }
    const own = message({ peer: 'me', name: 'me', own: true, replyTo: 'x', replied })
    expect(show([own], { echo: 'terminal' })).toEqual([
      '14:03:22 -- your answer is to bob "who has the key?"',
    ])
  })

  it('name the room when there are several', () => {
    expect(show([message(), joined('bo', 'bob', 'tea'), message(), message({ room: 'tea' })])).toEqual([
      '14:03:22 <alice> hello',
      '14:03:22 [tea] -- bob joined (K7QF-2MZD)',
      '14:03:22 [lobby] <alice> hello',
      '14:03:22 [tea] <alice> hello',
    ])
  })

  it('name no room again when I have left the others', () => {
    const leave: UiEvent = { type: 'left', room: 'tea', peer: 'me', name: 'me', reason: 'quit' }
    expect(show([joined('bo', 'bob', 'tea'), message(), leave, message()]).at(-1)).toBe(
      '14:03:22 <alice> hello',
    )
  })

  it('from two people of one name have tags', () => {
    expect(show([message(), message({ peer: 'bo', name: 'аlice' }), message()])).toEqual([
      '14:03:22 <alice> hello',
      '14:03:22 <аlice·BOXX> hello',
      '14:03:22 <alice·ALXX> hello',
    ])
  })

  it('cannot be forged by a name', () => {
    expect(show([message({ name: 'bob> I owe you <alice', text: '' })])).toEqual([
      '14:03:22 <bob› I owe you ‹alice> ',
    ])
    expect(show([message({ name: 'x\n14:03:22 <bob' })])).toEqual(['14:03:22 <x 14:03:22 ‹bob> hello'])
  })

  it('survive any time', () => {
    expect(show([message({ late: true, sentAt: Number.MAX_SAFE_INTEGER })])).toEqual([
      '14:03:22 <alice> hello (late, written ---------- --:--)',
    ])
  })
})

describe('people', () => {
  it('join, rename, and leave in two ways', () => {
    expect(
      show([
        joined('bo', 'bob'),
        { type: 'renamed', room: 'lobby', peer: 'bo', name: 'rob', was: 'bob', fingerprint: 'K7QF-2MZD' },
        { type: 'left', room: 'lobby', peer: 'bo', name: 'rob', reason: 'quit' },
        joined('bo', 'rob'),
        { type: 'left', room: 'lobby', peer: 'bo', name: 'rob', reason: 'lost' },
      ]),
    ).toEqual([
      '14:03:22 -- bob joined (K7QF-2MZD)',
      '14:03:22 -- bob is now rob',
      '14:03:22 -- rob left (quit)',
      '14:03:22 -- rob joined (K7QF-2MZD)',
      '14:03:22 -- rob left (connection lost)',
    ])
  })

  it('are not told of their own coming', () => {
    expect(show([joined('me', 'me')])).toEqual([])
  })

  it('are warned of lookalikes', () => {
    expect(show([message(), joined('bo', 'аlice')]).slice(1)).toEqual([
      '14:03:22 -- аlice·BOXX joined (K7QF-2MZD)',
      "14:03:22 -- careful with аlice·BOXX: this name looks like somebody else's: mind the tags",
      '14:03:22 -- careful with аlice·BOXX: this name has letters of several alphabets',
    ])
  })

  it('are remembered when they are gone, so that nobody slips into their name', () => {
    const left: UiEvent = { type: 'left', room: 'lobby', peer: 'al', name: 'alice', reason: 'quit' }
    expect(show([message(), left, joined('bo', 'alice')])[2]).toBe(
      '14:03:22 -- alice·BOXX joined (K7QF-2MZD)',
    )
  })

  it('have a path that is told when it is a detour', () => {
    const path = (kind: 'direct' | 'relayed') => ({
      type: 'path' as const,
      peer: 'bo',
      path: kind,
      transport: 'tcp',
      rttMs: 12.4,
    })
    expect(
      show([
        path('direct'),
        joined('bo', 'bob'),
        path('relayed'),
        path('relayed'),
        path('direct'),
        path('direct'),
      ]),
    ).toEqual([
      '14:03:22 -- bob joined (K7QF-2MZD)',
      '14:03:22 -- bob is now connected through a relay (tcp, 12 ms)',
      '14:03:22 -- bob is now connected directly (tcp, 12 ms)',
    ])
    const stays: UiEvent = { ...path('relayed'), because: 'your router does not keep ports' }
    expect(show([joined('bo', 'bob'), path('relayed'), stays]).at(-1)).toBe(
      '14:03:22 -- bob stays connected through a relay, because your router does not keep ports. /why bob tells what helps',
    )
    expect(show([path('relayed'), joined('bo', 'bob')])).toEqual([
      '14:03:22 -- bob joined (K7QF-2MZD), connected through a relay',
    ])
  })
})

describe('the rest', () => {
  it('of a session', () => {
    expect(
      show([
        {
          type: 'ready',
          version: '0.1.0',
          peer: 'me',
          name: 'me',
          room: 'lobby',
          addresses: ['/ip4/127.0.0.1'],
        },
        { type: 'helper', state: 'connected', peer: 'h', address: '/ip4/203.0.113.7/tcp/12345' },
        { type: 'helper', state: 'lost', peer: 'h', address: '/ip4/203.0.113.7/tcp/12345' },
        { type: 'sent', room: 'lobby', id: '00', text: 'hello' },
        { type: 'delivered', room: 'lobby', id: '00', peer: 'al', count: 1, of: 1 },
        { type: 'synced', room: 'lobby', peer: 'al', received: 3, sent: 0 },
        { type: 'notice', code: 'who', text: 'here:\nalice\nbob' },
        { type: 'error', code: 'bad', text: 'It broke', remedy: 'Mend it!' },
        { type: 'bye', undelivered: 0 },
        { type: 'bye', undelivered: 1 },
        { type: 'bye', undelivered: 2 },
      ]),
    ).toEqual([
      '14:03:22 -- parley 0.1.0: you are me in room lobby',
      '14:03:22 -- helper connected (/ip4/203.0.113.7/tcp/12345)',
      '14:03:22 -- helper lost: the room goes on without it, trying again',
      '14:03:22 -- here:',
      '           alice',
      '           bob',
      '14:03:22 !! It broke. Mend it!',
      '14:03:22 !! 1 message waits in your log; it goes out when someone is here',
      '14:03:22 !! 2 messages wait in your log; they go out when someone is here',
    ])
  })

  it('of what was looked up: with dates, and no line can pass for another message', () => {
    const messages = [
      message({ sentAt: NOW - DAY_MS }),
      message({ sentAt: NOW - DAY_MS, peer: 'bo', name: 'bob', text: 'sits', action: true }),
      message({ text: 'one\n2026-11-22 14:03:22 <bob> three' }),
    ]
    const notice = { type: 'notice', code: 'history', room: 'lobby' } as const
    expect(
      show([
        { ...notice, text: 'the last 3 messages of lobby', messages },
        { ...notice, text: 'nothing found in lobby', messages: [] },
        message(),
      ]),
    ).toEqual([
      '14:03:22 -- the last 3 messages of lobby:',
      '           2026-11-21 14:03:22 <alice> hello',
      '           2026-11-21 14:03:22 * bob sits',
      '           2026-11-22 14:03:21 <alice> one',
      '             2026-11-22 14:03:22 <bob> three',
      '14:03:22 -- nothing found in lobby',
      '14:03:22 <alice> hello',
    ])
  })

  it('shows colours where they are wanted', () => {
    expect(show([message()], { colour: 'ansi' })).toEqual([
      `\u001b[38;5;244m14:03:22\u001b[39m <\u001b[38;5;${PEOPLE_COLOURS[preferredLook('al')]}malice\u001b[39m> hello`,
    ])
  })
})

describe('any events', () => {
  it('give lines that are safe to print', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), events => {
        for (const line of show(events)) {
          expect(line).not.toMatch(FORBIDDEN)
          expect(line).not.toMatch(STRAY_JOINER)
          expect(line.isWellFormed()).toBe(true)
        }
      }),
      seeded,
    )
  })

  it('give the same lines in colour, with nothing else than colours added', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), events => {
        const bare = show(events, { colour: 'ansi' }).map(line =>
          line.replace(/\u001b\[(?:38;5;\d+|39|1|22)m/g, ''),
        )
        expect(bare).toEqual(show(events))
      }),
      seeded,
    )
  })
})
