import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonLine, parseJsonLine } from '../../src/api/json.ts'
import { anyText, seeded } from '../text/arbitraries.ts'
import { anyEvent } from './event-kit.ts'

describe('jsonLine', () => {
  it('is the event, on one line', () => {
    const event = { type: 'sent', room: 'lobby', id: 'ab', text: 'Grüße\n"you"' } as const
    expect(jsonLine(event)).toBe('{"type":"sent","room":"lobby","id":"ab","text":"Grüße\\n\\"you\\""}')
  })

  it.each([
    ['\u001b', '\\u001b'],
    ['\u007f', '\\u007f'],
    ['\u009b', '\\u009b'],
    ['\u202e', '\\u202e'],
    ['\u200b', '\\u200b'],
    ['\u200d', '\\u200d'],
    ['\u2028', '\\u2028'],
    ['\ufe0f', '\\ufe0f'],
    ['\ufeff', '\\ufeff'],
    ['\ud83d', '\\ud83d'],
    ['\u{e0041}', '\\udb40\\udc41'],
    ['\ue000', '\\ue000'],
    ['\u0000', '\\u0000'],
  ])('escapes %j', (text, escaped) => {
    expect(jsonLine({ type: 'sent', room: 'r', id: '', text })).toBe(
      `{"type":"sent","room":"r","id":"","text":"${escaped}"}`,
    )
  })

  it('is safe to print and the same value, for any event', () => {
    fc.assert(
      fc.property(anyEvent, event => {
        const line = jsonLine(event)
        expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u)
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(event)))
      }),
      seeded,
    )
  })
})

describe('parseJsonLine', () => {
  it.each([
    ['{"text":"hello"}', { kind: 'say', text: 'hello' }],
    ['{"text":"/who"}', { kind: 'say', text: '/who' }],
    ['{"text":"a\\nb"}', { kind: 'say', text: 'a\nb' }],
    ['{"text":"a\\ud800"}', { kind: 'say', text: 'a\ufffd' }],
    ['{"text":"hello","room":"#Tea"}', { kind: 'say', text: 'hello', room: 'tea' }],
    [' {"command":"/who"} \r', { kind: 'who' }],
    ['{"command":"/nick bob"}', { kind: 'nick', name: 'bob' }],
  ])('reads %s', (line, input) => {
    expect(parseJsonLine(line)).toEqual(input)
  })

  it.each([
    '',
    'hello',
    '/who',
    '"text"',
    'null',
    '[]',
    '["text"]',
    '42',
    '{}',
    '{"text":"hello"',
    '{"text":""}',
    '{"text":1}',
    '{"text":null}',
    '{"room":"tea"}',
    '{"text":"x","room":1}',
    '{"text":"x","rom":"tea"}',
    '{"text":"x","__proto__":{"room":"tea"}}',
    '{"text":"x","command":"/who"}',
    '{"command":"/who","room":"tea"}',
    '{"command":"who"}',
    '{"command":"//who"}',
    '{"command":"/"}',
    '{"command":""}',
    '{"command":" /who"}',
    '{"command":"/me a\\n/quit"}',
    '{"command":["/who"]}',
  ])('refuses %s', line => {
    expect(parseJsonLine(line)).toMatchObject({ kind: 'invalid', code: 'bad-input' })
  })

  it.each(['\ufeff{"text":"x"}', '{"te\ufeffxt":"x"}', '{"text":"x","\ufeffroom":"y"}'])(
    'names what is not seen in %j',
    line => {
      expect(parseJsonLine(line)).toMatchObject({
        text: expect.stringContaining('it contains U+FEFF ZERO WIDTH NO-BREAK SPACE'),
      })
    },
  )

  it.each([
    ['{"command":"/whoo"}', 'unknown-command'],
    ['{"command":"/nick"}', 'bad-usage'],
    ['{"text":"x","room":"a b"}', 'bad-room'],
  ])('tells of %s as the typed line would', (line, code) => {
    expect(parseJsonLine(line)).toMatchObject({ kind: 'invalid', code })
  })

  it('has an answer to anything, and never throws', () => {
    const lines = fc.oneof(
      fc.json(),
      anyText(30),
      fc
        .dictionary(fc.constantFrom('text', 'room', 'command'), fc.anything())
        .map(value => JSON.stringify(value) ?? ''),
    )
    fc.assert(
      fc.property(lines, line => {
        expect(parseJsonLine(line).kind).toBeTypeOf('string')
      }),
      seeded,
    )
  })

  it('says any text exactly, whatever it looks like', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), text => {
        expect(parseJsonLine(JSON.stringify({ text }))).toEqual({ kind: 'say', text })
      }),
      seeded,
    )
  })
})
