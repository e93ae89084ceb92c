import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration, parseSince } from '../../../src/cli/input/options.ts'
import { SEED } from '../../support/seed.ts'

const NOW = new Date(2026, 10, 22, 14, 3, 22, 500).getTime()
const HOUR_MS = 3_600_000

const local = (...parts: [number, number, number, number?, number?, number?, number?]): number => {
  const [year, month, ...rest] = parts
  return new Date(year, month - 1, ...rest).getTime()
}

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['2h', 2 * HOUR_MS],
    ['3d', 72 * HOUR_MS],
    ['1w', 168 * HOUR_MS],
    ['1h30m', 1.5 * HOUR_MS],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '10', 's', '-1s', '1.5h', '1 h', '1y', '1h 30m', '9999999999s', '99999999w'])(
    'is not %j',
    text => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )
})

describe('a moment', () => {
  it.each([
    ['2h', NOW - 2 * HOUR_MS],
    ['3d', NOW - 72 * HOUR_MS],
    ['now', NOW],
    ['today', local(2026, 11, 22)],
    ['Yesterday', local(2026, 11, 21)],
    ['09:30', local(2026, 11, 22, 9, 30)],
    ['09:30:15', local(2026, 11, 22, 9, 30, 15)],
    ['2026-11-21', local(2026, 11, 21)],
    ['2026-11-21 14:03', local(2026, 11, 21, 14, 3)],
    ['2026-11-21T14:03:22.5', local(2026, 11, 21, 14, 3, 22, 500)],
    ['2026-11-21T14:03Z', Date.UTC(2026, 10, 21, 14, 3)],
    ['2026-11-21 14:03 +02:00', Date.UTC(2026, 10, 21, 12, 3)],
    ['2026-11-21T14:03:22-0330', Date.UTC(2026, 10, 21, 17, 33, 22)],
    ['1795183402000', 1_795_183_402_000],
    ['2028-02-29', local(2028, 2, 29)],
  ])('%s', (text, at) => {
    expect(parseSince(text, NOW)).toBe(at)
  })

  it.each([
    '',
    'tomorrow',
    '2026',
    '20261121',
    '2026-13-01',
    '2026-02-30',
    '2026-11-21T24:00',
    '2026-11-21T14:60',
    '2026-11-21T14',
    '2026-11-21Z',
    '25:00',
    '-2h',
    '1e3',
  ])('is not %j', text => {
    expect(parseSince(text, NOW)).toBeUndefined()
  })

  it(`is what JavaScript writes for it (SEED=${SEED})`, () => {
    const min = new Date('2000-01-01T00:00:00Z')
    const max = new Date('2100-01-01T00:00:00Z')
    fc.assert(
      fc.property(fc.date({ min, max, noInvalidDate: true }), date => {
        expect(parseSince(date.toISOString(), NOW)).toBe(date.getTime())
      }),
      { seed: SEED },
    )
  })

  it(`never fails, whatever is typed (SEED=${SEED})`, () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const at = parseSince(text, NOW)
        expect(at === undefined || Number.isSafeInteger(at)).toBe(true)
      }),
      { seed: SEED },
    )
  })
})
