import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SettingsFile } from '../../src/storage/settings-file.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

test('what is saved last is what is there', async () => {
  const file = await SettingsFile.open(folder())
  expect(file.found).toBeUndefined()
  const saved = [1, 2, 3].map(n => file.save({ n }))
  await Promise.all(saved)
  await file.settled()
  expect((await SettingsFile.open(folder())).found).toEqual({ n: 3 })
  expect(await readFile(file.path, 'utf8')).toBe('{\n  "n": 3\n}\n')
})

test.each([
  ['{"theme": ', 'it is not JSON'],
  ['[]', 'it holds no object'],
  [`"${'x'.repeat(70_000)}"`, 'it is larger than'],
])('a file that was edited into %.12s is told, and stays', async (text, why) => {
  const path = join(folder(), 'settings.json')
  await writeFile(path, text)
  await expect(SettingsFile.open(folder())).rejects.toMatchObject({
    code: 'settings-unreadable',
    message: expect.stringContaining(why),
    exitCode: 2,
  })
  expect(await readFile(path, 'utf8')).toBe(text)
})
