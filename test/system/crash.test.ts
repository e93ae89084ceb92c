/** Programs that are killed at any moment, a hundred times. */
import { expect, test } from 'vitest'
import { crashStory } from '../e2e/crash-story.ts'
import { Stage } from '../support/process-stage.ts'

test('nothing that was acknowledged is lost in a hundred kills, and everyone ends with the same', async () => {
  await using stage = await Stage.open()
  const count = await crashStory(stage, { names: ['ann', 'ben', 'cat', 'dan'], lives: 25 })
  expect(count).toBeGreaterThan(4_000)
})
