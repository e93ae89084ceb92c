/** Programs that are killed at any moment: a few of the hundred times that the system tests do it. */
import { test } from 'vitest'
import { Stage } from '../support/process-stage.ts'
import { crashStory } from './crash-story.ts'

test('nothing that was acknowledged is lost by those who are killed in the middle of it', async () => {
  await using stage = await Stage.open()
  await crashStory(stage, { names: ['ann', 'ben'], lives: 3 })
})
