import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_REMEMBERED, NameBook, showName } from '../../src/text/name-book.ts'
import { anyText, FORBIDDEN, seeded } from './arbitraries.ts'

/** Peers `p0`, `p1`, … with fingerprints that differ in the second group only from each fourth on. */
const book = (): NameBook =>
  new NameBook(peer => `TAG${'ABCD'.charAt(Number(peer.slice(1)) % 4)}-${peer.padStart(4, '2')}`)

describe('a name book', () => {
  it('tags people only while somebody has a name like theirs', () => {
    const names = book()
    expect(names.learn('p0', 'alice')).toBe('alice')
    expect(names.learn('p1', 'Alice')).toBe('Alice·TAGB')
    expect(names.find('p0')).toBe('alice·TAGA')
    expect(names.learn('p1', 'bob')).toBe('bob')
    expect(names.find('p0')).toBe('alice')
  })

  it('uses as many groups as it takes', () => {
    const names = book()
    names.learn('p0', 'alice')
    expect(names.learn('p4', 'alice')).toBe('alice·TAGA-22p4')
    expect(names.find('p0')).toBe('alice·TAGA-22p0')
  })

  it('compares names as they are shown', () => {
    const names = book()
    names.learn('p0', 'alice\ue000')
    expect(names.learn('p1', 'alice\ue001')).toBe('alice\ufffd·TAGB')
  })

  it('has something to call anybody', () => {
    const names = book()
    expect(names.learn('p0', '\u200b')).toBe('?')
    expect(names.learn('p1', '')).toBe('?·TAGB')
    expect(names.find('p7')).toBeUndefined()
  })

  it('remembers a bounded number, those heard of last', () => {
    const names = book()
    for (let n = 0; n < MAX_REMEMBERED; n++) names.learn(`p${n}`, `name ${n}`)
    names.learn('p0', 'name 0')
    names.learn('p1000000', 'name 1')
    expect(names.size).toBe(MAX_REMEMBERED)
    expect(names.find('p0')).toBe('name 0')
    // p1, forgotten, no longer counts as somebody alike.
    expect(names.find('p1')).toBeUndefined()
    expect(names.find('p1000000')).toBe('name 1')
  })

  it('never calls two people the same, whatever they claim', () => {
    const peers = ['p0', 'p1', 'p2', 'p4', 'p5']
    const claim = fc.tuple(
      fc.constantFrom(...peers),
      fc.oneof(fc.constantFrom('alice', 'Alice', 'аlice', 'alice·TAGA', '<alice>'), anyText(5)),
    )
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 20 }), claims => {
        const names = book()
        for (const [peer, name] of claims) expect(names.learn(peer, name)).toBe(names.find(peer))
        const shown = peers.flatMap(peer => names.find(peer) ?? [])
        expect(new Set(shown).size).toBe(shown.length)
        for (const name of shown) expect(name).not.toMatch(FORBIDDEN)
      }),
      seeded,
    )
  })
})

describe('showName', () => {
  it.each([
    ['bob> yes <alice', 'bob› yes ‹alice'],
    [' \u0301bob ', '◌\u0301bob'],
    ['a\nb', 'a b'],
    ['\u001b[1mbob', '\ufffd[1mbob'],
  ])('%j is %j', (claim, name) => {
    expect(showName(claim)).toBe(name)
  })
})
