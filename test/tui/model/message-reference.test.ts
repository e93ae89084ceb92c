/** `/reply 2 …` means the message that was second when the number was typed, whatever comes meanwhile. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seeded } from '../../text/arbitraries.ts'
import { ScreenTest, SELF } from '../screen-kit.ts'

const own = { peer: SELF, name: 'ann', own: true }

test('the message is settled when its number is typed, and shown until Enter', () => {
  const screen = new ScreenTest()
  const first = screen.say('who has the key?')
  screen.say('and the lamp?')
  screen.type('/reply 2 ')
  expect(screen.text).toContain(' answers bob "who has the key?"')
  screen.say('never mind the lamp')
  screen.type('I do')
  expect(screen.text).toContain(' answers bob "who has the key?"')
  screen.type('\r')
  const target = { by: 'id', id: first.id }
  expect(screen.inputs.at(-1)).toEqual({ kind: 'reply', to: target, text: 'I do', room: 'lobby' })
  expect(screen.text).not.toContain('answers bob')
})

test('another number means another one, counted from what is shown by then', () => {
  const screen = new ScreenTest()
  screen.say('one')
  screen.type('/reply 1')
  expect(screen.text).toContain('answers bob "one"')
  screen.say('two')
  screen.chord('Backspace')
  screen.type('2 x')
  expect(screen.text).toContain('answers bob "one"')
  screen.chord('C-u')
  screen.type('/reply 1 x')
  expect(screen.text).toContain('answers bob "two"')
})

test('a reaction without a number means the newest when the command was typed', () => {
  const screen = new ScreenTest()
  const { id } = screen.say('we won!')
  screen.type('/react ')
  screen.say('no, we lost')
  screen.type(':tada:\r')
  expect(screen.inputs.at(-1)).toMatchObject({ kind: 'react', to: { by: 'id', id }, emoji: '🎉' })
})

test('changing and deleting count own messages, and leave out those that are deleted', () => {
  const screen = new ScreenTest()
  const first = screen.say('mine, older', own)
  screen.say('mine, gone', { ...own, deletedAt: screen.now })
  screen.say('not mine')
  screen.type('/delete ')
  expect(screen.text).toContain(' deletes ann "mine, older"')
  screen.type('\r')
  expect(screen.inputs.at(-1)).toMatchObject({ kind: 'delete', of: { by: 'id', id: first.id } })
  screen.type('/edit better')
  expect(screen.text).toContain(' deletes ann "mine, older"'.replace('deletes', 'changes'))
})

test('what is not shown is not meant: it is said, and the line stays', () => {
  const screen = new ScreenTest()
  screen.say('only one')
  screen.type('/reply 2 hello')
  expect(screen.text).toContain('there is no such message here: 2 back')
  screen.type('\r')
  expect(screen.inputs).toEqual([])
  expect(screen.text).toContain('There are not so many messages here')
  expect(screen.lines.at(-1)).toBe('> /reply 2 hello')
})

test('a line that history brings back is settled when it comes', () => {
  const screen = new ScreenTest()
  screen.say('one', own)
  screen.type('/delete 1\r')
  const newer = screen.say('two', own)
  screen.chord('C-r')
  screen.type('delete')
  screen.chord('Enter')
  expect(screen.inputs.at(-1)).toMatchObject({ kind: 'delete', of: { by: 'id', id: newer.id } })
})

test('whatever comes between looking and Enter, the answer goes to what was looked at', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(5), { maxLength: 6 }), (nth, bursts) => {
      const screen = new ScreenTest()
      const said = Array.from({ length: 9 }, (_, at) => screen.say(`line ${at}`))
      screen.type(`/reply ${nth} `)
      for (const burst of bursts) {
        for (let at = 0; at < burst; at++) screen.say('more')
        screen.type('a')
      }
      screen.type('!\r')
      expect(screen.inputs.at(-1)).toMatchObject({ to: { by: 'id', id: said.at(-nth)?.id } })
    }),
    seeded,
  )
})
