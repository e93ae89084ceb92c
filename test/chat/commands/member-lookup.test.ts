import { expect, test } from 'vitest'
import { findPerson, listNamed } from '../../../src/chat/commands/member-lookup.ts'
import { nodeCrypto } from '../../../src/chat/node-crypto.ts'
import { PeerLabels } from '../../../src/chat/peer-labels.ts'
import { signerOf } from '../../support/core-world.ts'

const directory = new PeerLabels(nodeCrypto())
const [ann, ben] = [signerOf('ann').author, signerOf('ben').author]

test('a name that holds line ends and escape sequences is one safe line, and is found as it is shown', () => {
  const people = listNamed([{ key: ann, name: 'ann\n!! your key \u001b[2J\u202e' }], directory)
  const shown = people[0]?.shown ?? ''
  expect(shown).toBe('ann !! your key \ufffd[2J')
  expect(findPerson(shown, people)).toMatchObject({ kind: 'one', person: { key: ann } })
})

test('names that look alike when shown have tags', () => {
  const people = listNamed(
    [
      { key: ann, name: 'ann' },
      { key: ben, name: 'ann\n' },
    ],
    directory,
  )
  for (const { shown } of people) expect(shown).toMatch(/^ann·[A-Z2-7]{4}$/)
})

test('who has no name goes by the fingerprint', () => {
  const [person] = listNamed([{ key: ann, name: '' }], directory)
  expect(person?.shown).toBe(person?.fingerprint)
})
