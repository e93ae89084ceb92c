import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePositions, MAX_ROWS, type MessageRow, Transcript } from '../../../src/tui/model/transcript.ts'
import { seeded } from '../../text/arbitraries.ts'

function row(at: number, id: string, more: Partial<MessageRow> = {}): MessageRow {
  return {
    kind: 'message',
    look: 0,
    source: { id, peer: 'p', name: 'n', text: 't', action: false, sentAt: at, own: false },
    id,
    at,
    peer: 'p',
    name: 'n',
    text: 't',
    action: false,
    own: false,
    mentions: false,
    ...more,
  }
}

const hex = (n: number): string => n.toString(16).padStart(8, '0')

test('in whatever order messages come, and however often, they stand in the order that everyone sees', () => {
  const message = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.nat(30))
  fc.assert(
    fc.property(fc.array(message, { maxLength: 60 }), messages => {
      const transcript = new Transcript()
      const places = new Map(messages.map(([at, id]) => [id, at]))
      for (const [, id] of messages) transcript.add(row(places.get(id) ?? 0, hex(id)))
      const { rows } = transcript
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
      expect(rows.length).toBe(places.size)
      expect(rows).toEqual(rows.toSorted(comparePositions))
      for (const [at, one] of rows.entries()) expect(transcript.indexOf(one)).toBe(at)
    }),
    seeded,
  )
})

test('what parley tells stays at the end, though a clock is ahead', () => {
  const transcript = new Transcript()
  transcript.add(row(1_000_000, 'a'))
  transcript.tell('info', ['told'], 5)
  expect(transcript.rows.map(({ kind }) => kind)).toEqual(['message', 'info'])
})

test('it keeps a bounded number, the newest, and refuses what is older than those', () => {
  const transcript = new Transcript()
  for (let at = 0; at < 3 * MAX_ROWS; at++) transcript.add(row(at, hex(at)))
  expect(transcript.size).toBeLessThanOrEqual(MAX_ROWS + 1_000)
  expect(transcript.rows.at(-1)?.at).toBe(3 * MAX_ROWS - 1)
  expect(transcript.add(row(0, 'old'))).toBeUndefined()
})

test('who reads further back gets more, until the end is looked at again', () => {
  const transcript = new Transcript()
  for (let at = 50_000; at < 50_000 + 2 * MAX_ROWS; at++) transcript.add(row(at, hex(at)))
  const oldest = transcript.rows[0]?.at ?? 0
  for (let at = oldest - 1; at > oldest - 3_000; at--) transcript.addEarlier(row(at, hex(at)))
  expect(transcript.rows[0]?.at).toBe(oldest - 2_999)
  expect(transcript.shrink()).toBe(true)
  expect(transcript.size).toBe(MAX_ROWS)
})

test('a row is replaced in its place', () => {
  const transcript = new Transcript()
  for (const id of ['a', 'b', 'c']) transcript.add(row(1, id))
  transcript.replace(row(1, 'b', { text: 'changed' }))
  expect(transcript.rows.map(one => (one.kind === 'message' ? one.text : ''))).toEqual(['t', 'changed', 't'])
  expect(transcript.get('b')).toMatchObject({ text: 'changed' })
})

test('comings and goings in a row are one row', () => {
  const transcript = new Transcript()
  transcript.addPresence({ peer: 'a', name: 'a', what: 'joined' }, 1)
  transcript.addPresence({ peer: 'b', name: 'b', what: 'joined' }, 2)
  transcript.add(row(3, 'x'))
  transcript.addPresence({ peer: 'a', name: 'a', what: 'quit' }, 4)
  expect(transcript.rows.map(({ kind }) => kind)).toEqual(['presence', 'message', 'presence'])
})

test('after it was cleared it takes what comes', () => {
  const transcript = new Transcript()
  transcript.add(row(1, 'a'))
  transcript.clear()
  transcript.add(row(2, 'b'))
  transcript.add(row(3, 'c'))
  expect(transcript.rows.map(({ id }) => id)).toEqual(['b', 'c'])
})
