/** What becomes of a message shows in its place. */
import { expect, test } from 'vitest'
import type { MessageEvent } from '../../src/api/events.ts'
import { ScreenTest } from './screen-kit.ts'

function amending(message: MessageEvent, by = message.peer) {
  const { room, id, sentAt, own, text } = message
  const about = { id, peer: message.peer, name: message.name, sentAt, own, text }
  return { room, id, eventId: `${id}x`, peer: by, name: by, via: 'live', own: false, about } as const
}

test('an edited message says what it says now, and that it was edited', () => {
  const screen = new ScreenTest()
  const first = screen.say('tee at five')
  screen.say('fine')
  screen.tell({ ...amending(first), type: 'edited', text: 'tea at five', editedAt: screen.now })
  expect(screen.text).toMatch(/<bob> tea at five \(edited\)\n14:03 <bob> fine/)
  expect(screen.text).not.toContain('tee')
})

test('a deleted message is not shown any more, and what was said of it goes', () => {
  const screen = new ScreenTest()
  const message = screen.say('secret')
  screen.tell({ ...amending(message, 'cleo'), type: 'reacted', emoji: '👍', on: true, reactedAt: screen.now })
  screen.tell({ ...amending(message), type: 'deleted', deletedAt: screen.now })
  expect(screen.text).toContain('<bob> (deleted by author)')
  expect(screen.text).not.toMatch(/secret|👍/)
})

test('reactions stand behind the message, and go when they are taken back', () => {
  const screen = new ScreenTest()
  const message = screen.say('done')
  const reacted = {
    ...amending(message, 'cleo'),
    type: 'reacted',
    emoji: '🎉',
    reactedAt: screen.now,
  } as const
  screen.tell({ ...reacted, on: true })
  expect(screen.text).toContain('<bob> done [🎉 cleo]')
  screen.tell({ ...reacted, on: false })
  expect(screen.text).toMatch(/<bob> done\n/)
})

test('whoever reacts with everything there is buries nothing', () => {
  const screen = new ScreenTest()
  const message = screen.say('done')
  const emoji = (index: number) => String.fromCodePoint(0x1f600 + index)
  for (let index = 0; index < 40; index++) {
    screen.tell({
      ...amending(message, 'cleo'),
      type: 'reacted',
      emoji: emoji(index),
      on: true,
      reactedAt: screen.now,
    })
  }
  expect(screen.text).toContain(`<bob> done [${emoji(24)} cleo] [${emoji(25)} cleo]`)
  expect(screen.text).toContain('[4 more]')
  expect(screen.text).not.toContain(emoji(23))
})

test('a reply shows what it answers', () => {
  const screen = new ScreenTest()
  const { id, peer, name, sentAt, own, text } = screen.say('who has time?')
  screen.say('I do', { replyTo: id, replied: { id, peer, name, sentAt, own, text } })
  expect(screen.text).toMatch(/<bob> ↪ bob "who has time\?" +I do/)
})

test('a reply shows what the message that it answers says now, and nothing of one that was deleted', () => {
  const screen = new ScreenTest()
  const message = screen.say('tee at five')
  const { id, peer, name, sentAt, own, text } = message
  screen.say('fine', { replyTo: id, replied: { id, peer, name, sentAt, own, text } })
  screen.tell({ ...amending(message), type: 'edited', text: 'tea at five', editedAt: screen.now })
  expect(screen.text).toMatch(/<bob> ↪ bob "tea at five" +fine/)
  screen.tell({ ...amending(message), type: 'deleted', deletedAt: screen.now })
  expect(screen.text).toMatch(/<bob> ↪ bob +fine/)
  expect(screen.text).not.toMatch(/tee|tea/)
})

test('a reply that came before what it answers shows that when it comes', () => {
  const screen = new ScreenTest()
  const { sentAt } = screen.say('fine', { replyTo: 'ab' })
  expect(screen.text).toContain('↪ a message that is not here')
  screen.say('tea?', { id: 'ab', sentAt: sentAt - 1_000, via: 'history', late: true })
  expect(screen.text).toMatch(/<bob> ↪ bob "tea\?" +fine/)
})

test('what others put into a change acts on no terminal', () => {
  const screen = new ScreenTest()
  const message = screen.say('harmless')
  screen.tell({ ...amending(message), type: 'edited', text: '\u001b[2Jgone\u202e', editedAt: screen.now })
  expect(screen.text).not.toMatch(/[\u001b\u202e]/)
})
