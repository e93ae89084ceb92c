import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkName, checkRoom, MAX_NAME_GRAPHEMES, MAX_ROOM_POINTS } from '../../../src/room/names/names.ts'
import { sanitiseLine } from '../../../src/text/sanitise.ts'
import { anyText, seeded } from '../../text/arbitraries.ts'

describe('checkName', () => {
  it.each([
    ['alice', 'alice'],
    ['  alice \n', 'alice'],
    ['Client_01', 'Client_01'],
    ['Anna   Lena', 'Anna Lena'],
    ['Anna\u00a0Lena', 'Anna Lena'],
    ['e\u0301va', 'éva'],
    ['Ωmega', 'Ωmega'],
    ['جواد', 'جواد'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['ශ්\u200dරී', 'ශ්\u200dරී'],
    ['👩\u200d💻', '👩\u200d💻'],
    ['約翰·史密斯', '約翰·史密斯'],
    ['Jean·Pierre', 'Jean·Pierre'],
    ['Col·lell', 'Col·lell'],
    ['x'.repeat(MAX_NAME_GRAPHEMES), 'x'.repeat(MAX_NAME_GRAPHEMES)],
    ['/quit', '/quit'],
  ])('takes %j as %j', (raw, name) => {
    expect(checkName(raw)).toEqual({ kind: 'valid', name })
  })

  it.each([
    ['', 'empty'],
    [' \t ', 'empty'],
    ['\u2800\u2800', 'empty'],
    ['a\nb', 'line break'],
    ['a\u2028b', 'line break'],
    ['a\u001b[31mb', 'control'],
    ['a\u009bb', 'control'],
    ['a\u202eb', 'control'],
    ['a\u2067b', 'control'],
    ['a\u200bb', 'invisible'],
    ['a\u2060b', 'invisible'],
    ['a\ufeffb', 'invisible'],
    ['a\u3164b', 'invisible'],
    ['a\u{e0041}b', 'invisible'],
    ['a\u{e000}b', 'control'],
    ['a\ufffeb', 'control'],
    ['a\ud800b', 'control'],
    ['a\u200db', 'joiners'],
    ['alice\ufe0f', 'joiners'],
    [`a${'\u0301'.repeat(9)}`, 'accents'],
    ['\u0301', 'empty'],
    ['x'.repeat(MAX_NAME_GRAPHEMES + 1), '32 characters'],
    ['👩\u200d👩\u200d👧\u200d👦'.repeat(6), '128 bytes'],
    ['x'.repeat(1_000_000), '32 characters'],
    ['alice·K7QF', 'tag'],
    ['alice‧k7qf', 'tag'],
    ['alice·K7QF-M3WX', 'tag'],
  ])('refuses %j', (raw, reason) => {
    expect(checkName(raw)).toEqual({ kind: 'invalid', reason: expect.stringContaining(reason) })
  })

  it('is stable, bounded, and gives names that show as they are', () => {
    fc.assert(
      fc.property(anyText(40), raw => {
        const check = checkName(raw)
        if (check.kind === 'invalid') return
        expect(checkName(check.name)).toEqual(check)
        expect(sanitiseLine(check.name)).toBe(check.name)
        expect(Buffer.byteLength(check.name)).toBeLessThanOrEqual(128)
      }),
      seeded,
    )
  })
})

describe('checkRoom', () => {
  it.each([
    ['lobby', 'lobby'],
    ['#Lobby', 'lobby'],
    [' ＬＯＢＢＹ ', 'lobby'],
    ['rust-lang.de_2', 'rust-lang.de_2'],
    ['Straße', 'straße'],
    ['комната', 'комната'],
    ['कमरा', 'कमरा'],
    ['7', '7'],
    ['x'.repeat(MAX_ROOM_POINTS), 'x'.repeat(MAX_ROOM_POINTS)],
  ])('takes %j as %j', (raw, room) => {
    expect(checkRoom(raw)).toEqual({ kind: 'valid', room })
  })

  it.each([
    ['', 'empty'],
    ['#', 'empty'],
    ['##lobby', 'start'],
    ['.lobby', 'start'],
    ['a b', 'other than'],
    ['a/b', 'other than'],
    ['a\nb', 'other than'],
    ['a\u200bb', 'other than'],
    ['a\ufe0f', 'other than'],
    ['a\u202eb', 'other than'],
    ['lobby🎉', 'other than'],
    ['x'.repeat(MAX_ROOM_POINTS + 1), '32'],
    ['x'.repeat(1_000_000), '32'],
  ])('refuses %j', (raw, reason) => {
    expect(checkRoom(raw)).toEqual({ kind: 'invalid', reason: expect.stringContaining(reason) })
  })

  it('gives the same room for the room it gave, in any case', () => {
    fc.assert(
      fc.property(anyText(40), raw => {
        const check = checkRoom(raw)
        if (check.kind === 'invalid') return
        expect(checkRoom(check.room)).toEqual(check)
        expect(checkRoom(`#${check.room}`)).toEqual(check)
        expect([...check.room].length).toBeLessThanOrEqual(MAX_ROOM_POINTS)
      }),
      seeded,
    )
  })
})
