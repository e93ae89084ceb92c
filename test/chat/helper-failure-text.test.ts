/** Why a helper isn't reached, in the words of the chat and of the doctor. */
import { expect, test } from 'vitest'
import { failureText, wrongKeyText } from '../../src/chat/helper-failure-text.ts'
import type { HelperFailure } from '../../src/network/discovery/dial-failure.ts'

const HELPER = { text: 'h.example', multiaddr: '/dns/h.example/tcp/12345' }

const ALL: Readonly<Record<HelperFailure['kind'], RegExp>> = {
  'unknown-host': /no host of that name/,
  'lookup-failed': /could not be looked up/,
  refused: /connection refused on port 12345$/,
  'no-answer': /no answer on port 12345$/,
  'no-route': /no route/,
  'not-allowed': /does not allow/,
  silent: /says nothing/,
  'hung-up': /ends them at once/,
  'not-libp2p': /something answers on port 12345, but it is not a parley helper$/,
  'not-a-helper': /something answers on port 12345, but it is not a parley helper/,
  'own-address': /own address/,
  unknown: /failed$/,
}

const KINDS = Object.keys(ALL) as HelperFailure['kind'][]

test.each(KINDS)('%s: which helper, why, and what to do', kind => {
  const { text, remedy } = failureText(HELPER, { kind })
  expect(text.startsWith("Can't reach helper h.example: ")).toBe(true)
  expect(text).toMatch(ALL[kind])
  expect(remedy).toMatch(/^[A-Z].*\.$/)
})

test('each has its own words and its own advice', () => {
  const words = KINDS.map(kind => failureText(HELPER, { kind }))
  expect(new Set(words.map(({ text }) => text)).size).toBe(KINDS.length)
  expect(new Set(words.map(({ remedy }) => remedy)).size).toBe(KINDS.length)
})

test('of a failure that has no words the code is told', () => {
  expect(failureText(HELPER, { kind: 'unknown', code: 'EMFILE' }).text).toMatch(/\(EMFILE\)$/)
})

test('of another key than the one that was given, trusting it anew is no remedy', () => {
  const given = { text: '/ip4/192.0.2.1/tcp/12345/p2p/expected' }
  expect(wrongKeyText(given, 'expected', 'shown').remedy).not.toContain('--trust-new-helper')
  expect(wrongKeyText(HELPER, 'expected', 'shown').remedy).toContain('--trust-new-helper')
})
