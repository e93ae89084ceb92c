/** Rooms are apart, and one program can be in several. */
import { expect, test } from 'vitest'
import type { JsonProgram } from '../support/process-peer.ts'
import { Stage } from '../support/process-stage.ts'
import { part } from './room-story.ts'

const heardIn = (peer: JsonProgram): string[] => peer.messages.map(({ room, text }) => `${room}: ${text}`)
const joinedIn = (peer: JsonProgram): string[] =>
  peer.all({ type: 'joined' }).map(({ room, name }) => `${room}: ${name}`)

test('two rooms do not mix, and who is in both speaks in each', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const [red, blue] = [`${stage.room}-red`, `${stage.room}-blue`]
  const ann = await stage.peer('ann', { helpers, room: red })
  const ben = await stage.peer('ben', { helpers, room: blue })
  const cat = await stage.peer('cat', { helpers, room: red })
  cat.command(`/join ${blue}`)
  await cat.next({ type: 'notice', code: 'room', room: blue })
  await Promise.all([
    ann.next({ type: 'joined', room: red, name: 'cat' }),
    ben.next({ type: 'joined', room: blue, name: 'cat' }),
    cat.next({ type: 'joined', room: red, name: 'ann' }),
    cat.next({ type: 'joined', room: blue, name: 'ben' }),
  ])

  ann.say('ann in red')
  ben.say('ben in blue')
  cat.say('cat where it speaks now')
  cat.say('cat in red', red)
  cat.say('cat nowhere', `${stage.room}-green`)
  await Promise.all([
    ann.heard(['cat in red']),
    ben.heard(['cat where it speaks now']),
    cat.heard(['ann in red', 'ben in blue']),
    cat.next({ type: 'error', code: 'not-in-room' }),
  ])

  cat.command('/leave')
  await ben.next({ type: 'left', room: blue, name: 'cat', reason: 'quit' })
  cat.say('cat back in red')
  await ann.heard(['cat back in red'])

  await part([
    { name: 'ann', peer: ann },
    { name: 'ben', peer: ben },
    { name: 'cat', peer: cat },
  ])
  expect(heardIn(ann)).toEqual([`${red}: cat in red`, `${red}: cat back in red`])
  expect(heardIn(ben)).toEqual([`${blue}: cat where it speaks now`])
  expect(heardIn(cat).toSorted()).toEqual([`${blue}: ben in blue`, `${red}: ann in red`])
  expect(joinedIn(ann)).toEqual([`${red}: cat`])
  expect(joinedIn(ben)).toEqual([`${blue}: cat`])
})

test('what nobody heard is counted once, in rooms that were left, too', async () => {
  await using stage = await Stage.open()
  const [red, blue] = [`${stage.room}-red`, `${stage.room}-blue`]
  const ann = await stage.peer('ann', { room: red })
  ann.say('to nobody')
  await ann.next({ type: 'sent', text: 'to nobody' })
  for (const line of ['/leave', `/join ${red}`, `/join ${blue}`, '/leave', '/leave', `/join ${blue}`])
    ann.command(line)
  await part([{ name: 'ann', peer: ann }])
  expect(ann.events.at(-1)).toEqual({ type: 'bye', undelivered: 1 })
})

test('a room is the same however its name is typed', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers, room: stage.room })
  const ben = await stage.peer('ben', { helpers, room: `#${stage.room.toUpperCase()}` })
  await Promise.all([
    ann.next({ type: 'joined', room: stage.room, name: 'ben' }),
    ben.next({ type: 'joined', room: stage.room, name: 'ann' }),
  ])
})

test('who leaves and comes back in one breath is in the room', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const ben = await stage.peer('ben', { helpers })
  await Promise.all([ann.next({ type: 'joined', name: 'ben' }), ben.next({ type: 'joined', name: 'ann' })])
  ben.command('/leave')
  ben.command(`/join ${stage.room}`)
  ben.say('back again')
  await ann.heard(['back again'])
  ann.say('so I see')
  await ben.heard(['so I see'])
})
