import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { GrowingBloom } from '../../../../src/storage/log/sqlite/id-index.ts'

const idOf = (number: number) => createHash('sha256').update(`${number}`).digest('hex')

test('a growing filter says yes to all that was put in, and to little else', () => {
  const filter = new GrowingBloom(64)
  const ids = Array.from({ length: 5_000 }, (_, number) => idOf(number))
  for (const id of ids.slice(0, 4_000)) filter.add(id)
  expect(ids.slice(0, 4_000).every(id => filter.mayHave(id))).toBe(true)
  expect(ids.slice(4_000).filter(id => filter.mayHave(id)).length).toBeLessThan(50)
  expect(new GrowingBloom(64).mayHave(idOf(1))).toBe(false)
})
