/** Who gets which colour: the same for the same key, and another one than those around. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COLOUR_COUNT, LOOK_COUNT, PersonColours, preferredLook } from '../../src/text/colours.ts'
import { seeded } from './arbitraries.ts'

const peers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `12D3KooW${n * 7919}`)

describe('colours of people', () => {
  it('are the same everywhere for who is alone, and all in use', () => {
    for (const peer of peers(200)) {
      expect(new PersonColours().hear(peer)).toBe(preferredLook(peer))
      expect(new PersonColours().find(peer)).toBe(preferredLook(peer))
    }
    const counts = Map.groupBy(peers(800), preferredLook)
    for (let colour = 0; colour < COLOUR_COUNT; colour++)
      expect(counts.get(colour)?.length).toBeGreaterThan(60)
  })

  it('differ as long as there are enough, the plain ones first', () => {
    const person = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: LOOK_COUNT })
    fc.assert(
      fc.property(person, room => {
        const colours = new PersonColours()
        const looks = room.map(peer => colours.hear(peer))
        expect(new Set(looks).size).toBe(room.length)
        for (const look of looks.slice(0, COLOUR_COUNT)) expect(look).toBeLessThan(COLOUR_COUNT)
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
    for (let at = LOOK_COUNT; at <= looks.length; at += LOOK_COUNT)
      expect(new Set(looks.slice(at - LOOK_COUNT, at)).size).toBe(LOOK_COUNT)
  })
})
