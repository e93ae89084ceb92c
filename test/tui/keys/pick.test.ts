/** Going up from the line to a message, and what is done with it. */
import { expect, test } from 'vitest'
import { ScreenTest } from '../screen-kit.ts'

const UP = '\u001b[1;3A'
const room = 'lobby'

function three() {
  const screen = new ScreenTest()
  const first = screen.say('who has time?')
  const mine = screen.say('tee at five', { own: true, peer: '12D3KooWSelf', name: 'ann' })
  const last = screen.say('fine')
  return { screen, first, mine, last }
}

test('Alt-Up and r answer a message, whatever arrives meanwhile', () => {
  const { screen, first } = three()
  screen.type(UP, UP, UP)
  expect(screen.text).toContain('r answer')
  expect(screen.text).toContain('who has time?')
  screen.type('r')
  screen.say('one more')
  screen.type('I do')
  expect(screen.text).toContain('to bob> I do')
  screen.type('\r')
  expect(screen.inputs).toEqual([{ kind: 'reply', to: { by: 'id', id: first.id }, text: 'I do', room }])
  expect(screen.text).toMatch(/\n>$/)
})

test('what is picked is in the window, and back is where the window was', () => {
  const screen = new ScreenTest()
  for (let count = 1; count <= 40; count++) screen.say(`word ${count}`)
  for (let count = 40; count > 20; count--) {
    screen.type(UP)
    expect(screen.text).toMatch(new RegExp(`word ${count}\\n|word ${count}$`, 'm'))
  }
  screen.chord('Esc')
  expect(screen.text).toContain('word 40')
})

test('e puts the own words on the line, and what they become goes out as their new form', () => {
  const { screen, mine } = three()
  screen.type(UP, UP, 'e')
  expect(screen.text).toContain('edit> tee at five')
  screen.chord('C-u')
  screen.type('tea at five', '\r')
  expect(screen.inputs).toEqual([{ kind: 'edit', of: { by: 'id', id: mine.id }, text: 'tea at five', room }])
})

test('d asks, deletes only then, and leaves the draft', () => {
  const { screen, mine } = three()
  screen.type('half a thought', UP, UP, 'd')
  screen.chord('Esc')
  expect(screen.inputs).toEqual([])
  screen.type(UP, UP, 'd', '\r')
  expect(screen.inputs).toEqual([{ kind: 'delete', of: { by: 'id', id: mine.id }, room }])
  expect(screen.text).toContain('> half a thought')
})

test('+ reacts with an emoji or its name; another word stays on the line', () => {
  const { screen, last } = three()
  screen.type(UP, '+', 'nonsense words', '\r')
  expect(screen.text).toContain('is not one emoji')
  screen.chord('C-u')
  screen.type(':tada:', '\r')
  expect(screen.inputs).toEqual([
    { kind: 'react', to: { by: 'id', id: last.id }, emoji: '🎉', change: 'toggle', room },
  ])
})

test("others' words are theirs", () => {
  const { screen } = three()
  screen.type(UP, 'e')
  expect(screen.text).toContain('Only who wrote a message can change it')
  screen.type('d')
  expect(screen.text).toMatch(/> d$/)
})

test('a command is a command, and below the newest message is the line', () => {
  const { screen } = three()
  screen.type(UP, 'r', '/who', '\r')
  expect(screen.inputs).toEqual([{ kind: 'who' }])
  screen.chord('Esc')
  screen.type(UP)
  screen.chord('Down')
  screen.type('hello', '\r')
  expect(screen.inputs.at(-1)).toEqual({ kind: 'say', text: 'hello', room })
})

test('a deleted message is not picked, and no message is no harm', () => {
  const empty = new ScreenTest()
  empty.type(UP, 'hello', '\r')
  expect(empty.inputs).toEqual([{ kind: 'say', text: 'hello', room }])
  const screen = new ScreenTest()
  screen.say('', { deletedAt: screen.now })
  screen.type(UP, 'r', '\r')
  expect(screen.inputs).toEqual([{ kind: 'say', text: 'r', room }])
})
