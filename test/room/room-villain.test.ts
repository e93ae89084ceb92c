import { describe, expect, test } from 'vitest'
import type { Member } from '../support/core-member.ts'
import { Network } from '../support/core-network.ts'
import { Villain } from '../support/core-villain.ts'
import { pick } from '../support/core-world.ts'
import { SEED } from '../support/seed.ts'

const WORLDS = Number(process.env['WORLDS'] ?? 1)
const STEPS = 80
const NAMES = ['ann', 'ben', 'cat', 'dan']

interface Scene {
  readonly network: Network
  readonly honest: readonly Member[]
  readonly villain: Villain
  readonly self: Member
}

function open(seed: number): Scene {
  const network = new Network({ seed, loss: (seed % 3) * 0.1 })
  const honest = network.crowd(NAMES)
  const self = network.join('villain')
  for (const member of honest) network.link(self, member)
  network.run(3_000)
  return { network, honest, self, villain: new Villain(network, self) }
}

/** Honest people talk, and now and then lose a link, while the villain does what he can. */
function play({ network, honest, villain }: Scene): string[] {
  const said: string[] = []
  for (let step = 0; step < STEPS; step++) {
    const [one, other] = [pick(honest, network.random), pick(honest, network.random)]
    if (network.random() < 0.4) said.push(speak(one, step))
    if (network.random() < 0.05 && one !== other) network.cut(one, other)
    if (network.random() < 0.1 && one !== other) network.link(one, other)
    villain.act(honest)
    network.run(network.random() * 400)
  }
  return said
}

/** Everyone is connected again, and has time. */
function heal({ network, honest }: Scene): void {
  for (const one of honest) for (const other of honest) if (one !== other) network.link(one, other)
  network.run(120_000)
}

function speak(member: Member, step: number): string {
  const text = `${member.name} says ${step}`
  member.say(text)
  return text
}

describe(`a villain among four (SEED=${SEED})`, () => {
  test('makes them lose nothing, see nothing twice, miss nobody, and set upon no one but him', () => {
    for (let seed = SEED; seed < SEED + WORLDS; seed++) {
      const scene = open(seed)
      const said = play(scene)
      heal(scene)
      for (const member of scene.honest) check(member, scene, said, `WORLD=${seed} ${member.name}`)
    }
  })
})

function check(member: Member, { honest, self }: Scene, said: readonly string[], who: string): void {
  const keys = honest.map(one => one.key)
  const lines = member.shown.flatMap(one =>
    one.kind === 'message' && keys.includes(one.envelope.author) ? one : [],
  )
  expect(lines.map(line => line.content.text).toSorted(), who).toEqual(said.toSorted())
  const others = keys.filter(key => key !== member.key)
  const here = member.room.members.map(person => person.key)
  expect(here.filter(key => keys.includes(key)).toSorted(), who).toEqual(others.toSorted())
  expect(new Set([...member.rejected, ...member.expelled]).difference(new Set([self.key])), who).toEqual(
    new Set(),
  )
  const quits = member.shown.filter(
    one => one.kind === 'left' && keys.includes(one.member.key) && one.reason === 'quit',
  )
  expect(quits, who).toEqual([])
  expect(member.room.undelivered, who).toBe(0)
}
