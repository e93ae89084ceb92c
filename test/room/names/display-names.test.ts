import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayNames, fingerprint, mixedScripts, skeleton, tagOf } from '../../../src/room/names/names.ts'
import { anyText, seeded } from '../../text/arbitraries.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('fingerprint', () => {
  it('is the RFC 4648 base32 of the first 20 bytes of the hash, in groups of four', () => {
    // SHA-256 of 32 zero bytes: 66687aadf862bd776c8fc18b8e9f8e20 08971485…; checked with coreutils' base32.
    expect(fingerprint(new Uint8Array(32), sha256)).toBe('MZUH-VLPY-MK6X-O3EP-YGFY-5H4O-EAEJ-OFEF')
  })

  it('has tags of any number of groups', () => {
    const text = fingerprint(new Uint8Array(32), sha256)
    expect(tagOf(text)).toBe('MZUH')
    expect(tagOf(text, 2)).toBe('MZUH-VLPY')
    expect(tagOf(text, 8)).toBe(text)
  })
})

describe('skeleton', () => {
  it.each([
    ['alice', 'Alice'],
    ['alice', 'ALICE'],
    ['alice', 'аlice'],
    ['alice', 'αlice'],
    ['alice', 'ａｌｉｃｅ'],
    ['alice', '𝒶𝓁𝒾𝒸ℯ'],
    ['alice', 'a1ice'],
    ['alice', 'aIice'],
    ['alice', 'al\u200bice'],
    ['alice', 'al\u00adice'],
    ['alice', 'al\ufe0fice'],
    ['alice', '\u202ealice'],
    ['alice', 'alice '],
    ['Bob', 'B0b'],
    ['Bob', 'Воь'],
    ['paypal', 'рауpаl'],
    ['modern', 'rnodem'],
    ['wilma', 'vvilma'],
    ['ВЕРА', 'вера'],
    ['BEPA', 'вера'],
    ['Hans', 'Ηans'],
    ['straße', 'STRASSE'],
    ['éva', 'e\u0301va'],
    ['Ahmed', 'Аһmеԁ'],
    ['Ⅷ', 'VIII'],
    ['Anna-Lena', 'Anna–Lena'],
    ['ΝΙΚΟΣ', 'NIKOΣ'],
  ])('is one for %j and %j', (one, other) => {
    expect(skeleton(other)).toBe(skeleton(one))
  })

  it.each([
    ['alice', 'alicia'],
    ['bob', 'rob'],
    ['eva', 'éva'],
    ['राम', 'रोम'],
    ['Client_01', 'Client_02'],
    ['Client_01', 'Client_04'],
    ['李明', '李朋'],
    ['👩', '👨'],
  ])('differs for %j and %j', (one, other) => {
    expect(skeleton(other)).not.toBe(skeleton(one))
  })

  it('is total, and a skeleton is its own', () => {
    fc.assert(
      fc.property(anyText(20), text => {
        expect(skeleton(skeleton(text))).toBe(skeleton(text))
      }),
      seeded,
    )
  })
})

describe('mixedScripts', () => {
  it.each([
    'alice',
    'Client_01',
    'вера',
    'Νίκος',
    '田中さんJr',
    '김Kim',
    'ชัย99',
    'می\u200cخواهم',
    '👩\u200d💻 dev',
    '',
    '2026!',
    'राम',
  ])('finds nothing wrong with %j', name => {
    expect(mixedScripts(name)).toBe(false)
  })

  it.each(['аlice', 'pаypal', 'Ηans', 'Bоb', 'аⲣ', 'alice👍א', 'ꓮbc', 'ab𐊠'])('warns of %j', name => {
    expect(mixedScripts(name)).toBe(true)
  })
})

describe('displayNames', () => {
  const person = (key: string, name: string, fingerprintText: string) => ({
    key,
    name,
    fingerprint: fingerprintText,
  })
  const show = (...people: ReturnType<typeof person>[]) => Object.fromEntries(displayNames(people))

  it('leaves names alone that look like nobody else', () => {
    expect(show(person('1', 'alice', 'AAAA-1'), person('2', 'bob', 'BBBB-1'))).toEqual({
      1: 'alice',
      2: 'bob',
    })
  })

  it('tags those that look alike', () => {
    expect(
      show(person('1', 'alice', 'AAAA-1'), person('2', 'аlice', 'BBBB-1'), person('3', 'bob', 'CCCC-1')),
    ).toEqual({ 1: 'alice·AAAA', 2: 'аlice·BBBB', 3: 'bob' })
  })

  it('makes tags longer until they differ', () => {
    expect(
      show(
        person('1', 'al', 'AAAA-BBBB-CCCC'),
        person('2', 'al', 'AAAA-BBBB-DDDD'),
        person('3', 'al', 'EEEE-BBBB-DDDD'),
      ),
    ).toEqual({ 1: 'al·AAAA-BBBB-CCCC', 2: 'al·AAAA-BBBB-DDDD', 3: 'al·EEEE-BBBB-DDDD' })
  })

  it('counts one person listed twice once', () => {
    expect(show(person('1', 'al', 'AAAA-1'), person('1', 'alice', 'AAAA-1'))).toEqual({ 1: 'alice' })
  })

  it('tags a name that pretends to have a tag', () => {
    expect(show(person('1', 'alice·K7QF', 'AAAA-1'))).toEqual({ 1: 'alice·K7QF·AAAA' })
    expect(show(person('1', 'alice・K7MW', 'AAAA-1'))).toEqual({ 1: 'alice・K7MW·AAAA' })
  })

  it('never gives two people one name', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const name = fc.oneof(fc.constantFrom('alice', 'Alice', 'аlice', 'bob', 'bob·K7QF'), anyText(6))
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, name), { selector: ([bytes]) => sha256(bytes) }), claims => {
        const people = claims.map(([bytes, claim]) =>
          person(sha256(bytes), claim, fingerprint(bytes, sha256)),
        )
        const names = displayNames(people)
        expect(names.size).toBe(people.length)
        expect(new Set(names.values()).size).toBe(people.length)
      }),
      seeded,
    )
  })
})
