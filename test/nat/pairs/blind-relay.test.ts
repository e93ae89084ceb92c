/** What a relay carries is closed to it: every frame at the helper is written down, and the words aren't in there. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Meeting } from './meeting.ts'
import { PAIRS } from './pairs.ts'

const DEADLINE_MS = 120_000
const REPETITIONS = 50

test('nothing that two people say by way of a relay can be read there', {
  timeout: DEADLINE_MS,
}, async () => {
  const pair = PAIRS.find(({ sides }) => sides.every(side => side === 'symmetric'))
  if (pair === undefined) throw new Error('there is no pair behind symmetric NATs')
  await using meeting = await Meeting.open({ pair, delayMs: 2, lossPercent: 0 })
  const { laboratory, stage, members, helperHost } = meeting
  const capture = stage.path('capture')
  await laboratory.street.record('helper', capture)
  await meeting.meet()
  await meeting.settle()
  expect(meeting.path).toBe('relayed')

  const before = (await readFile(capture)).length
  const [secret, plain] = [`secret-${randomUUID()}`, `plain-${randomUUID()}`]
  const [left, right] = members
  const words = Array.from({ length: REPETITIONS }, (_, at) => `${secret} ${at}`)
  for (const word of words) left.program.say(word)
  await right.program.heard(words)
  // the same capture shows what is sent in the clear
  await left.host.namespace.run(['socat', '-u', '-', `UDP4:${helperHost.address}:9`], plain)
  await left.program.next({ type: 'delivered' })
  await meeting.end()

  const captured = await readFile(capture)
  expect(captured.length - before).toBeGreaterThan(words.join('').length)
  expect(captured.includes(plain)).toBe(true)
  expect(captured.includes(secret)).toBe(false)
})
