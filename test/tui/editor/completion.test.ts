import { expect, test } from 'vitest'
import { EMOJI_BY_NAME, readEmoji } from '../../../src/api/emoji-names.ts'
import { type CompletionSources, complete } from '../../../src/tui/editor/completion.ts'
import { lineOf, NO_HISTORY, newer, older, remember } from '../../../src/tui/editor/input-history.ts'

const KNOWN: CompletionSources = {
  names: ['alice', 'Albert', 'bob the builder'],
  rooms: ['lobby', 'tea'],
  commands: [
    { text: '/who', about: 'who is here' },
    { text: '/why', about: 'why' },
    { text: '/join', about: 'enter' },
  ],
  settings: new Map([['theme', ['dark', 'light']]]),
}

const offered = (text: string): readonly string[] =>
  complete(text, text.length, KNOWN)?.choices.map(choice => choice.text) ?? []

test.each([
  ['al', ['alice: ', 'Albert: ']],
  ['AL', ['alice: ', 'Albert: ']],
  ['hello al', ['alice ', 'Albert ']],
  ['hello @bo', ['@bob the builder ']],
  ['/w', ['/who ', '/why ']],
  ['//w', []],
  ['say /w', []],
  ['/join t', ['tea']],
  ['/join ', ['lobby', 'tea']],
  ['/set th', ['theme ']],
  ['/set theme l', ['light']],
  ['well :thumbsu', ['👍']],
  [':p', []],
  ['', []],
  ['hello ', []],
  ['nobody', []],
])('%s', (text, expected) => {
  expect(offered(text)).toEqual(expected)
})

test('only the word before the cursor is looked at', () => {
  expect(complete('al is late', 2, KNOWN)).toMatchObject({ start: 0, end: 2 })
})

test('every emoji has a name to type and is one', () => {
  for (const [name, emoji] of EMOJI_BY_NAME) {
    expect(name).toMatch(/^[a-z0-9_+-]+$/)
    expect(emoji).toMatch(/^\p{RGI_Emoji}$/v)
    expect(readEmoji(`:${name}:`)).toBe(emoji)
  }
})

test('history goes back and forth, and the draft waits at its end', () => {
  const history = remember(remember(NO_HISTORY, 'one'), 'two')
  const back = older(history, 'draft') ?? history
  expect(lineOf(back)).toBe('two')
  const further = older(back, 'two') ?? back
  expect(lineOf(further)).toBe('one')
  expect(older(further, 'one')).toBeUndefined()
  expect(lineOf(newer(newer(further) ?? further) ?? further)).toBe('draft')
})

test('the same line twice is kept once', () => {
  expect(remember(remember(NO_HISTORY, 'one'), 'one').lines).toEqual(['one'])
})
