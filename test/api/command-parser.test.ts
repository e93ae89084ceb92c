import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { helpText, parseLine } from '../../src/api/command-parser.ts'
import { COMMANDS } from '../../src/api/command-table.ts'
import { anyText, seeded } from '../text/arbitraries.ts'

const invalid = (code: string, ...words: string[]) => ({
  kind: 'invalid',
  code,
  text: expect.any(String),
  remedy: expect.stringMatching(words.join('.*')),
})

describe('parseLine', () => {
  it.each([
    ['hello', { kind: 'say', text: 'hello' }],
    ['hello\r\n', { kind: 'say', text: 'hello' }],
    ['  hello  ', { kind: 'say', text: '  hello  ' }],
    [' /who', { kind: 'say', text: ' /who' }],
    ['//etc/passwd', { kind: 'say', text: '/etc/passwd' }],
    ['//', { kind: 'say', text: '/' }],
    ['///', { kind: 'say', text: '//' }],
    ['/me waves  at all ', { kind: 'act', text: 'waves  at all' }],
    ['/ME waves', { kind: 'act', text: 'waves' }],
    ['/me\twaves', { kind: 'act', text: 'waves' }],
    ['/nick  Anna Lena ', { kind: 'nick', name: 'Anna Lena' }],
    ['/nick e\u0301va', { kind: 'nick', name: 'éva' }],
    ['/who', { kind: 'who' }],
    ['/who ', { kind: 'who' }],
    ['/peers', { kind: 'peers' }],
    ['/why bob', { kind: 'why', name: 'bob' }],
    ['/ignore alice·K7QF', { kind: 'ignore', name: 'alice·K7QF' }],
    ['/unignore bob', { kind: 'unignore', name: 'bob' }],
    ['/who-got', { kind: 'who-got', nth: 1 }],
    ['/who-got 3', { kind: 'who-got', nth: 3 }],
    ['/history', { kind: 'history', count: 50 }],
    ['/history 200', { kind: 'history', count: 200 }],
    ['/search two words', { kind: 'search', words: 'two words' }],
    ['/join #Tea', { kind: 'join', room: 'tea' }],
    ['/leave', { kind: 'leave' }],
    ['/rooms', { kind: 'rooms' }],
    ['/help', { kind: 'help' }],
    ['/help nick', { kind: 'help', topic: 'nick' }],
    ['/quit', { kind: 'quit' }],
  ])('reads %j', (line, input) => {
    expect(parseLine(line)).toEqual(input)
  })

  it.each([
    ['/jo\u200bin tea', /^There is no command .*: it contains U\+200B ZERO WIDTH SPACE$/],
    ['/nick ev\u202eil', /^That name contains U\+202E RIGHT-TO-LEFT OVERRIDE$/],
    ['/join te\u2060a', /^That room name contains U\+2060 WORD JOINER$/],
    ['/history 5\u200e', /^\/history isn't used like that: it contains U\+200E LEFT-TO-RIGHT MARK$/],
    ['/react 1 \u200b👍', / is not one emoji: it contains U\+200B ZERO WIDTH SPACE$/],
  ])('names what is not seen in %j', (line, text) => {
    expect(parseLine(line)).toMatchObject({ kind: 'invalid', text: expect.stringMatching(text) })
  })

  it.each(['', ' ', '\t', '\n', '\r\n'])('finds nothing in %j', line => {
    expect(parseLine(line)).toBeUndefined()
  })

  it.each([
    ['/whoo', '/who'],
    ['/qiut', '/quit'],
    ['/hlep', '/help'],
    ['/NICKK bob', '/nick'],
    ['/serach x', '/search'],
    ['/exit', '/quit'],
    ['/part', '/leave'],
    ['/e', '/me'],
  ])('suggests for %j', (line, suggestion) => {
    expect(parseLine(line)).toEqual(invalid('unknown-command', `Did you mean ${suggestion}\\?`, '/help'))
  })

  it.each(['/', '/ who', '/usr/bin/node', '/frobnicate', `/${'x'.repeat(60_000)}`])(
    'suggests nothing for %j, and never says it',
    line => {
      const input = parseLine(line)
      expect(input).toEqual(invalid('unknown-command', '/help', 'begin with //'))
      expect(JSON.stringify(input)).not.toContain('Did you mean')
      expect(JSON.stringify(input).length).toBeLessThan(300)
    },
  )

  it.each([
    ['/who bob', '/who'],
    ['/quit now', '/quit'],
    ['/me', '/me ACTION'],
    ['/nick', '/nick NAME'],
    ['/why ', '/why NAME'],
    ['/join', '/join ROOM'],
    ['/search', '/search WORDS'],
    ['/who-got x', '/who-got \\[N\\]'],
    ['/who-got 0', '/who-got'],
    ['/who-got -1', '/who-got'],
    ['/who-got 1e3', '/who-got'],
    ['/history 1.5', '/history \\[N\\]'],
    ['/history 99999999999999999999', '/history'],
  ])('says how %j is meant', (line, usage) => {
    expect(parseLine(line)).toEqual(invalid('bad-usage', usage))
  })

  it('refuses names and rooms that do not fit', () => {
    expect(parseLine('/nick a\u202eb')).toEqual(invalid('bad-name', '32'))
    expect(parseLine('/join a/b')).toEqual(invalid('bad-room', 'letters'))
  })

  it('never makes text of a command, nor a command of text', () => {
    fc.assert(
      fc.property(anyText(20), rest => {
        const typed = parseLine(`/${rest}`)
        if (rest.startsWith('/')) expect(typed?.kind).toBe('say')
        else expect(typed?.kind).not.toBe('say')
        const said = parseLine(`x${rest}`)
        expect(said?.kind).toBe('say')
      }),
      seeded,
    )
  })
})

describe('helpText', () => {
  it('has a line for every command of the contract, each in the same columns', () => {
    const contract =
      '/help /reply /edit /delete /react /who /nick /me /peers /why /search /expand /history /ignore /unignore /who-got /join /leave /rooms /quit'
    for (const name of contract.split(' ')) expect(helpText()).toMatch(new RegExp(`^  ${name} .+`, 'm'))
    expect(COMMANDS).toHaveLength(contract.split(' ').length)
    expect(helpText()).toContain('//TEXT')
    const columns = helpText()
      .split('\n')
      .filter(line => line.startsWith('  '))
      .map(line => line.search(/(?<= {2})[^ ]+(?: [^ ]+)*$/))
    expect(new Set(columns).size).toBe(1)
  })

  it('explains one command', () => {
    expect(helpText('nick')).toBe('/nick NAME: change your username')
    expect(helpText('/NICK')).toBe(helpText('nick'))
  })

  it('suggests one for an unknown topic', () => {
    expect(helpText('serch')).toContain('Did you mean /search?')
    expect(helpText('frobnicate')).toBe('There is no such command. /help lists all.')
  })

  it('has lines of at most 100 columns', () => {
    for (const line of helpText().split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })
})
