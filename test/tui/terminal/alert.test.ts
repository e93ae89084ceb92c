import { expect, test } from 'vitest'
import { alertOf } from '../../../src/tui/terminal/terminal.ts'

const alert = { kind: 'alert', title: '4;1;50 in lobby', text: 'tea; now' } as const

test.each([
  ['bell', '\u0007'],
  ['osc9', '\u001b]9;4,1,50 in lobby: tea; now\u001b\\'],
  ['osc777', '\u001b]777;notify;4,1,50 in lobby;tea; now\u001b\\'],
] as const)('%s: nobody can name himself like a command', (how, expected) => {
  expect(alertOf({ ...alert, how })).toBe(expected)
})

test('a long text is cut', () => {
  const sent = alertOf({ ...alert, how: 'osc9', text: 'x'.repeat(8_000) })
  expect(sent.length).toBeLessThan(300)
  expect(sent.endsWith('…\u001b\\')).toBe(true)
})
