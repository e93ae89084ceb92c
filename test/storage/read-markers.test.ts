import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ReadMarkers } from '../../src/storage/read-markers.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordingLogger } from './recording-logger.ts'

const folder = temporaryFolder()

test('what was seen in a room is known after a start, and other rooms stay', async () => {
  const logger = recordingLogger()
  const seen = await ReadMarkers.open(folder(), logger)
  await seen.remember({ lobby: 1, tea: 2 })
  await seen.remember({ lobby: 3 })
  expect((await ReadMarkers.open(folder(), logger)).until).toEqual({ lobby: 3, tea: 2 })
})

test('a file that is none of ours is set aside', async () => {
  const logger = recordingLogger()
  await writeFile(join(folder(), 'seen.json'), '{"lobby":"yesterday"}')
  expect((await ReadMarkers.open(folder(), logger)).until).toEqual({})
  expect(logger.warnings.join()).toContain('seen.json is corrupt')
})
