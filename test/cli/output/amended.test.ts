/** What line mode shows of answers, changes and blocks, and how they are asked for. */
import { describe, expect, it } from 'vitest'
import { parseLine } from '../../../src/api/command-parser.ts'
import type { MessageEvent, Quote, UiEvent } from '../../../src/api/events.ts'
import { parseJsonLine } from '../../../src/api/json.ts'
import { PlainView } from '../../../src/cli/output/plain.ts'
import { timeFormat } from '../../../src/text/time-format.ts'
import { message as anyMessage } from '../../api/message-kit.ts'

const NOW = Date.UTC(2026, 10, 22, 14, 3, 22)
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const ID = 'ab'.repeat(32)

function show(events: readonly UiEvent[]): string[] {
  const clock = timeFormat('UTC')
  const view = new PlainView({
    colour: 'none',
    clock,
    self: 'me',
    echo: 'none',
    fingerprintOf: peer => `${peer}-2222`,
  })
  return events.flatMap(event => view.lines(event, NOW))
}

const message = (overrides: Partial<MessageEvent> = {}) =>
  anyMessage({ room: 'lobby', id: ID, sentAt: NOW, receivedAt: NOW, ...overrides })

const about: Quote = { id: ID, peer: 'al', name: 'alice', sentAt: NOW - MINUTE_MS, own: false, text: 'hello' }
const amending = { room: 'lobby', id: ID, eventId: 'e', peer: 'bo', name: 'bob', own: false, about } as const

const SCOTLAND = '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'

describe('an answer', () => {
  it('shows what it answers, beside the name', () => {
    expect(show([message({ replyTo: ID, replied: { ...about, name: 'bob', peer: 'bo' } })])).toEqual([
      '14:03:22 <alice → bob "hello"> hello',
    ])
    expect(show([message({ replyTo: ID })])).toEqual(['14:03:22 <alice → a message that is not here> hello'])
  })

  it('quotes one line, safely, and not so much that it looks like another row', () => {
    const replied = { ...about, text: `a\n<bob> \u001b[31m${'x'.repeat(100)}` }
    const [line = ''] = show([message({ replyTo: ID, replied })])
    expect(line).toMatch(/^14:03:22 <alice → alice "a ‹bob› �\[31mx+…"> hello$/)
    expect(line.length).toBeLessThan(80)
  })
})

describe('a change', () => {
  it('is told as it happens', () => {
    const live = { ...amending, via: 'live' } as const
    expect(
      show([
        { type: 'edited', ...live, text: 'one\ntwo', editedAt: NOW },
        { type: 'deleted', ...live, deletedAt: NOW },
        { type: 'reacted', ...live, emoji: '👍', on: true, reactedAt: NOW },
        { type: 'reacted', ...live, emoji: '👍', on: false, reactedAt: NOW },
      ]),
    ).toEqual([
      '14:03:22 -- bob edited the message of 14:02: one',
      '           two',
      '14:03:22 -- bob deleted the message of 14:02',
      '14:03:22 -- bob reacted 👍 to alice "hello"',
      '14:03:22 -- bob took 👍 back from alice "hello"',
    ])
  })

  it('of long ago is told only of what was shown', () => {
    const old = { ...amending, via: 'history', about: { ...about, sentAt: NOW - DAY_MS } } as const
    const edited: UiEvent = { type: 'edited', ...old, text: 'new', editedAt: NOW }
    expect(show([edited])).toEqual([])
    expect(show([message(), edited]).at(-1)).toBe(
      '14:03:22 -- bob edited the message of 2026-11-21 14:03: new',
    )
  })

  it('shows in the message where that comes later', () => {
    const reactions = [
      { peer: 'bo', name: 'bob', emoji: '👍' },
      { peer: 'al', name: 'alice', emoji: '👍' },
      { peer: 'cy', name: 'cy', emoji: '🎉' },
      { peer: 'di', name: 'di', emoji: SCOTLAND },
    ]
    expect(show([message({ editedAt: NOW, reactions })])).toEqual([
      `14:03:22 <alice> hello (edited) [👍 bob, alice] [🎉 cy] [${SCOTLAND} di]`,
    ])
    expect(show([message({ deletedAt: NOW, text: '' })])).toEqual(['14:03:22 <alice> (deleted by author)'])
  })
})

describe('what was looked up', () => {
  it('shows what became of it, and blocks whole', () => {
    const { type: _, ...found } = message({ sentAt: NOW })
    const block = Array.from({ length: 12 }, (_, index) => `${index}`).join('\n')
    const messages = [
      { ...found, editedAt: NOW },
      { ...found, text: '', deletedAt: NOW },
      { ...found, code: true as const, text: block },
    ]
    const lines = show([{ type: 'notice', code: 'history', text: 'the last 3 messages', messages }])
    expect(lines.slice(0, 3).map(line => line.trim())).toEqual([
      '14:03:22 -- the last 3 messages:',
      '2026-11-22 14:03:22 <alice> hello (edited)',
      '2026-11-22 14:03:22 <alice> (deleted by author)',
    ])
    expect(lines.at(-1)?.trim()).toBe('11')
  })
})

describe('a block', () => {
  const text = Array.from({ length: 42 }, (_, index) => `line ${index}`).join('\n')

  it('is collapsed', () => {
    expect(show([message({ code: true, text })])).toEqual([
      '14:03:22 <alice> line 0',
      ...[1, 2, 3, 4].map(index => `           line ${index}`),
      '           … 37 more lines: /expand shows the block',
    ])
  })

  it('that is short is not', () => {
    expect(show([message({ code: true, text: 'a\n\n\n  b\n' })])).toEqual([
      '14:03:22 <alice> a',
      '           ',
      '           ',
      '             b',
    ])
  })
})

describe('a typed line', () => {
  const nth = (n: number) => ({ by: 'place', nth: n })
  it.each([
    ['/reply 2 yes', { kind: 'reply', to: nth(2), text: 'yes' }],
    ['/edit hello', { kind: 'edit', of: nth(1), text: 'hello' }],
    ['/edit 3 hello', { kind: 'edit', of: nth(3), text: 'hello' }],
    ['/edit 1 2 beers', { kind: 'edit', of: nth(1), text: '2 beers' }],
    ['/edit 20000 leagues', { kind: 'edit', of: nth(1), text: '20000 leagues' }],
    ['/delete', { kind: 'delete', of: nth(1) }],
    ['/delete 2', { kind: 'delete', of: nth(2) }],
    ['/react :+1:', { kind: 'react', to: nth(1), emoji: '👍', change: 'toggle' }],
    ['/react 2 tada', { kind: 'react', to: nth(2), emoji: '🎉', change: 'toggle' }],
    ['/react 4 ❤', { kind: 'react', to: nth(4), emoji: '❤️', change: 'toggle' }],
    ['/react 100', { kind: 'react', to: nth(1), emoji: '💯', change: 'toggle' }],
    ['/expand', { kind: 'expand', nth: 1 }],
    ['/expand 2', { kind: 'expand', nth: 2 }],
  ])('%s', (line, input) => {
    expect(parseLine(line)).toEqual(input)
  })

  it.each([
    '/reply',
    '/reply 2',
    '/reply yes',
    '/reply 0 yes',
    '/edit',
    '/edit 3',
    '/delete x',
    '/react',
    '/react a b',
  ])('%s is no way to say it', line =>
    expect(parseLine(line)).toMatchObject({ kind: 'invalid', code: 'bad-usage' }),
  )

  it('says what an emoji is', () => {
    expect(parseLine('/react :nonsense:')).toMatchObject({ kind: 'invalid', code: 'bad-emoji' })
  })
})

describe('a line of JSON', () => {
  const of = { by: 'id', id: ID }
  it.each([
    [
      { text: 'yes', reply: ID },
      { kind: 'reply', to: of, text: 'yes' },
    ],
    [
      { text: 'a\nb', code: true },
      { kind: 'code', text: 'a\nb' },
    ],
    [
      { text: 'a', code: false },
      { kind: 'say', text: 'a' },
    ],
    [
      { edit: ID, text: 'x', room: '#Tea' },
      { kind: 'edit', of, text: 'x', room: 'tea' },
    ],
    [{ delete: ID }, { kind: 'delete', of }],
    [
      { react: ID, emoji: ':+1:' },
      { kind: 'react', to: of, emoji: '👍', change: 'on' },
    ],
    [
      { react: ID, emoji: '👍', on: false },
      { kind: 'react', to: of, emoji: '👍', change: 'off' },
    ],
  ])('%j', (line, input) => {
    expect(parseJsonLine(JSON.stringify(line))).toEqual(input)
  })

  it.each([
    { edit: ID },
    { edit: 'abc', text: 'x' },
    { edit: 1, text: 'x' },
    { delete: ID, text: 'x' },
    { delete: ID.toUpperCase() },
    { react: ID },
    { react: ID, emoji: '👍', on: 1 },
    { text: 'x', reply: 'y' },
    { text: 'x', code: 'yes' },
    { text: 'x', code: true, reply: ID },
    { edit: ID, delete: ID, text: 'x' },
  ])('%j is refused', line => {
    expect(parseJsonLine(JSON.stringify(line))).toMatchObject({ kind: 'invalid', code: 'bad-input' })
  })
})
