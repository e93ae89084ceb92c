/** The mistakes that `npm run mutate` makes on purpose can be made: each fits its source once. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MUTATIONS } from '../../scripts/mutations/mutations.ts'

const ROOT = join(import.meta.dirname, '../..')

test.each(MUTATIONS)('$name', async ({ file, from, to }) => {
  const source = await readFile(join(ROOT, file), 'utf8')
  expect(source.split(from).length - 1).toBe(1)
  expect(to).not.toBe(from)
})

test('no two have the same name', () => {
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length)
})
