/** Ctrl-R in the line, and the wheel, as their user sees them. */
import { describe, expect, test } from 'vitest'
import { ScreenTest } from '../screen-kit.ts'

function typedBefore(...lines: readonly string[]): ScreenTest {
  const screen = new ScreenTest()
  for (const line of lines) screen.type(`${line}\r`)
  return screen
}

const said = (screen: ScreenTest): unknown => screen.inputs.at(-1)

describe('searching in what was typed', () => {
  test('Enter sends what was found', () => {
    const screen = typedBefore('see you at noon', 'tea?', 'no')
    screen.chord('C-r')
    screen.type('noon')
    expect(screen.text).toContain('history "noon": see you at noon')
    screen.chord('Enter')
    expect(said(screen)).toEqual({ kind: 'say', text: 'see you at noon', room: 'lobby' })
    expect(screen.lines.at(-1)).toBe('>')
  })

  test('Esc takes it into the line with the cursor at the words, and Down gives the draft back', () => {
    const screen = typedBefore('see you at noon', 'tea?')
    screen.type('a draft')
    screen.chord('C-r')
    screen.type('noon')
    screen.chord('Esc')
    expect(screen.lines.at(-1)).toBe('> see you at noon')
    expect(screen.frame.cursor.x).toBe('> see you at '.length)
    screen.chord('Down', 'Down')
    expect(screen.lines.at(-1)).toBe('> a draft')
  })

  test('a key that edits takes it, too, and does what it does', () => {
    const screen = typedBefore('see you at noon')
    screen.chord('C-r')
    screen.type('noon')
    screen.chord('C-k')
    expect(screen.lines.at(-1)).toBe('> see you at')
  })

  test('C-g goes back to what stood there', () => {
    const screen = typedBefore('see you at noon')
    screen.type('a draft')
    screen.chord('C-r')
    screen.type('noon')
    screen.chord('C-g')
    expect(screen.lines.at(-1)).toBe('> a draft')
  })

  test('what was never typed is said, and Enter sends nothing', () => {
    const screen = typedBefore('see you at noon')
    const before = screen.inputs.length
    screen.chord('C-r')
    screen.type('noo', 'x')
    expect(screen.text).toContain('you typed nothing with these words')
    screen.chord('Enter')
    expect(screen.inputs).toHaveLength(before)
    expect(screen.lines.at(-1)).toBe('> see you at noon')
  })

  test('C-r goes on to older ones, C-s back, and C-r twice looks for the same again', () => {
    const screen = typedBefore('tea one', 'tea two', 'milk')
    screen.chord('C-r')
    screen.type('tea')
    screen.chord('C-r')
    expect(screen.text).toContain('history "tea": tea one')
    screen.chord('C-s')
    expect(screen.text).toContain('history "tea": tea two')
    screen.chord('C-g', 'C-r', 'C-r')
    expect(screen.text).toContain('history "tea": tea two')
  })
})

describe('the wheel', () => {
  test('moves the window by lines, and leaves the line alone', () => {
    const screen = new ScreenTest()
    for (let at = 1; at <= 30; at++) screen.say(`line ${at}.`)
    screen.type('a draft')
    screen.press({ kind: 'wheel', lines: -3 })
    expect(screen.lines.at(-3)).toContain('line 27.')
    expect(screen.lines.at(-1)).toBe('> a draft')
    screen.press({ kind: 'wheel', lines: 3 })
    screen.say('newest')
    expect(screen.text).toContain('newest')
  })

  test('asks the log for more near the beginning', () => {
    const screen = new ScreenTest()
    for (let at = 1; at <= 30; at++) screen.say(`line ${at}.`)
    screen.press({ kind: 'wheel', lines: -3 })
    expect(said(screen)).toMatchObject({ kind: 'earlier' })
  })

  test('is asked of the terminal as the setting says', () => {
    const screen = new ScreenTest()
    expect(screen.screen.wheel).toBe('arrows')
    screen.type('/set wheel mouse\r')
    expect(screen.screen.wheel).toBe('mouse')
  })
})
