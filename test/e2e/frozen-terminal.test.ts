/** A terminal that isn't read keeps nothing else waiting: what others write is taken in, and goodbyes are said. */
import { expect, test } from 'vitest'
import type { JsonProgram } from '../support/process-peer.ts'
import { Stage } from '../support/process-stage.ts'

const CTRL_S = '\u0013'
const CTRL_Q = '\u0011'
/** So much text that a terminal's buffer, 64 KiB, is full after a few messages. */
const WALL = 'so much that it fills a window '.repeat(200)
const COUNT = 60
const WINDOW = { columns: 200, rows: 200 }

/** Says more than a frozen terminal takes. Resolves when the others have it. */
async function talk(eve: JsonProgram): Promise<void> {
  for (let at = 1; at <= COUNT; at++) eve.say(`${at}: ${WALL}`)
  eve.say('the last one')
  const { id } = await eve.next({ type: 'sent', text: 'the last one' })
  await eve.next({ type: 'delivered', id: id as string })
}

test('a frozen screen takes in what is said, drops the frames between, and shows the end when it is read', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers, ...WINDOW })
  const eve = await stage.peer('eve', { helpers })
  await ann.shows('2 here')
  ann.freeze()
  const before = ann.output.length
  await talk(eve)
  ann.thaw()
  await ann.shows('<eve> the last one')
  expect(ann.output.length - before).toBeLessThan((COUNT / 2) * WALL.length)
  ann.type('still here\r')
  await eve.next({ type: 'message', name: 'ann', text: 'still here' })
})

test('a frozen screen says goodbye and ends when it is told to', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers, ...WINDOW })
  const eve = await stage.peer('eve', { helpers })
  await ann.shows('2 here')
  ann.freeze()
  await talk(eve)
  ann.signal('SIGTERM')
  await eve.next({ type: 'left', name: 'ann', reason: 'quit' })
  ann.thaw()
  expect((await ann.end()).code).toBe(0)
})

test('line mode that was stopped with Ctrl-S goes on behind it', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers, ...WINDOW, args: ['--plain'] })
  const eve = await stage.peer('eve', { helpers })
  await ann.shows('eve joined')
  ann.type(CTRL_S)
  await talk(eve)
  ann.type(CTRL_Q)
  await ann.shows('<eve> the last one')
  ann.type('/quit\n')
  expect((await ann.end()).code).toBe(0)
})

test('a frozen prompt goes on, too', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers, ...WINDOW, args: ['--prompt'] })
  const eve = await stage.peer('eve', { helpers })
  await ann.shows('eve joined')
  ann.freeze()
  await talk(eve)
  ann.thaw()
  await ann.shows('<eve> the last one')
  ann.type('/quit\r')
  expect((await ann.end()).code).toBe(0)
})
