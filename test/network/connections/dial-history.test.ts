/** Why a way to somebody failed, in words for `/why`. */
import { expect, test } from 'vitest'
import { reasonOf } from '../../../src/network/connections/dialer.ts'
import { DialError } from '../../../src/network/discovery/dial-failure.ts'

test('what is known has words of its own, whatever the error says', () => {
  const cause = new Error('Missing newline')
  expect(reasonOf(new DialError({ kind: 'not-libp2p' }, cause))).toBe('something else answers there')
  expect(reasonOf(new AggregateError([cause, new DialError({ kind: 'refused' }, cause)]))).toBe(
    'it was refused',
  )
})

test('what has none is told in its own words, in one line', () => {
  const refusal = new DialError({ kind: 'unknown' }, new Error(`NO_RESERVATION ${'x'.repeat(1_000)}`))
  expect(reasonOf(refusal)).toMatch(/^NO_RESERVATION x{105}$/)
  expect(reasonOf(undefined)).toBe('undefined')
})
