/** Arrows that come alone are a finger's, several at once the wheel's. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Key } from '../../../src/tui/keys/key.ts'
import { WheelFilter } from '../../../src/tui/terminal/mouse-wheel.ts'
import { seeded } from '../../text/arbitraries.ts'

const chord = (name: string): Key => ({ kind: 'chord', chord: name })
const wheel = (lines: number): Key => ({ kind: 'wheel', lines })

test('a lone arrow is the key, when nothing follows', () => {
  const sieve = new WheelFilter()
  expect(sieve.push([chord('Up')])).toEqual([])
  expect(sieve.patienceMs).toBeGreaterThan(0)
  expect(sieve.flush()).toEqual([chord('Up')])
  expect(sieve.patienceMs).toBeUndefined()
})

test('several at once are the wheel, and so is what follows while it turns', () => {
  const sieve = new WheelFilter()
  expect(sieve.push([chord('Up'), chord('Up'), chord('Up')])).toEqual([wheel(-2), wheel(-1)])
  expect(sieve.push([chord('Up')])).toEqual([wheel(-1)])
  expect(sieve.flush()).toEqual([])
  expect(sieve.push([chord('Up')]).concat(sieve.flush())).toEqual([chord('Up')])
  expect(sieve.push([chord('Down')]).concat(sieve.push([chord('Down')]))).toEqual([wheel(2)])
})

test('whatever comes between, nothing is lost and nothing overtakes', () => {
  const key = fc.constantFrom<Key>(chord('Up'), chord('Down'), chord('Enter'), { kind: 'text', text: 'a' })
  const step = fc.oneof(fc.array(key, { maxLength: 4 }), fc.constant('silence' as const))
  // a wheel's lines count as so many arrows
  const arrows = (keys: readonly Key[]): readonly string[] =>
    keys.flatMap(one => {
      if (one.kind === 'wheel')
        return Array.from({ length: Math.abs(one.lines) }, () => (one.lines < 0 ? 'Up' : 'Down'))
      return [one.kind === 'chord' ? one.chord : one.text]
    })
  fc.assert(
    fc.property(fc.array(step), steps => {
      const sieve = new WheelFilter()
      const out = steps.flatMap(one => (one === 'silence' ? sieve.flush() : sieve.push(one)))
      const given = steps.flatMap(one => (one === 'silence' ? [] : one))
      expect(arrows([...out, ...sieve.flush()])).toEqual(arrows(given))
    }),
    seeded,
  )
})
