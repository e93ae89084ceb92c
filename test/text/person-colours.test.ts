/** Who gets which colour: the same for the same key, and another one than those around. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COLOURS, favourite, LOOKS, PersonColours } from '../../src/text/colours.ts'
import { seeded } from './arbitraries.ts'

const peers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `12D3KooW${n * 7919}`)

describe('colours of people', () => {
  it('are the same everywhere for who is alone, and all in use', () => {
    for (const peer of peers(200)) {
      expect(new PersonColours().hear(peer)).toBe(favourite(peer))
      expect(new PersonColours().find(peer)).toBe(favourite(peer))
    }
    const counts = Map.groupBy(peers(800), favourite)
    for (let colour = 0; colour < COLOURS; colour++) expect(counts.get(colour)?.length).toBeGreaterThan(60)
  })

  it('differ as long as there are enough, the plain ones first', () => {
    const person = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: LOOKS })
    fc.assert(
      fc.property(person, room => {
        const colours = new PersonColours()
        const looks = room.map(peer => colours.hear(peer))
        expect(new Set(looks).size).toBe(room.length)
        for (const look of looks.slice(0, COLOURS)) expect(look).toBeLessThan(COLOURS)
      }),
      seeded,
    )
  })

  it('never change, whoever comes and speaks meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { maxLength: 300 }), heard => {
        const colours = new PersonColours()
        const first = new Map<number, number>()
        for (const who of heard) {
          const look = colours.hear(`peer ${who}`)
          expect(look).toBe(first.get(who) ?? look)
          expect(colours.find(`peer ${who}`)).toBe(look)
          first.set(who, look)
        }
      }),
      seeded,
    )
  })

  it('of a crowd differ among those who were heard of last', () => {
    const colours = new PersonColours()
    const looks = peers(1_000).map(peer => colours.hear(peer))
    for (let at = LOOKS; at <= looks.length; at += LOOKS)
      expect(new Set(looks.slice(at - LOOKS, at)).size).toBe(LOOKS)
  })
})
