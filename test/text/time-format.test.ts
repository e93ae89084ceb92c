import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeFormat } from '../../src/text/time-format.ts'
import { seeded } from './arbitraries.ts'

const AT = Date.UTC(2026, 10, 22, 23, 3, 22, 999)

describe('a clock face', () => {
  it('shows times in its zone', () => {
    const face = timeFormat('UTC')
    expect([face.date(AT), face.time(AT), face.minute(AT)]).toEqual(['2026-11-22', '23:03:22', '23:03'])
    const berlin = timeFormat('Europe/Berlin')
    expect([berlin.date(AT), berlin.time(AT)]).toEqual(['2026-11-23', '00:03:22'])
  })

  it('begins the day at 00:00', () => {
    expect(timeFormat('UTC').time(Date.UTC(2026, 0, 1))).toBe('00:00:00')
  })

  it('shows other times after the one it remembers', () => {
    const face = timeFormat('UTC')
    expect([AT, AT + 1, AT + 1_001, AT].map(at => face.time(at))).toEqual([
      '23:03:22',
      '23:03:23',
      '23:03:24',
      '23:03:22',
    ])
  })

  it('has a form for any number', () => {
    const face = timeFormat('UTC')
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.maxSafeInteger()), ms => {
        expect(face.time(ms)).toMatch(/^(?:\d\d:\d\d:\d\d|--:--:--)$/)
        expect(face.date(ms)).toMatch(/^(?:\d+-\d\d-\d\d|-{10})$/)
      }),
      seeded,
    )
  })
})
