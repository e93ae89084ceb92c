/** Whatever happens, is typed and is written by others: a frame is a frame, and holds nothing that acts on a terminal. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { widthOf } from '../../src/text/width.ts'
import { paint, THEMES } from '../../src/tui/layout/theme.ts'
import { anyEvent } from '../api/event-kit.ts'
import { anyText, FORBIDDEN, seeded } from '../text/arbitraries.ts'
import { NOW, ScreenTest } from './screen-kit.ts'

const CHORDS = [
  ...['Enter', 'Tab', 'S-Tab', 'Esc', 'Up', 'Down', 'PageUp', 'PageDown', 'C-Home', 'C-End', 'M-u', 'M-a'],
  ...[
    'C-r',
    'C-s',
    'M-s',
    'C-f',
    'C-g',
    'M-1',
    'M-2',
    'M-Left',
    'C-n',
    'C-a',
    'C-k',
    'C-y',
    'C-_',
    'M-Enter',
    'Backspace',
    'C-l',
  ],
]
const LINES = [
  '/help',
  '/set theme dark',
  '/set time 12h',
  '/mute',
  '/clear',
  '/join tea',
  ':thumbs',
  '/set x y',
  'a',
]

type Step = (screen: ScreenTest) => void

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: anyEvent.map(event => (screen: ScreenTest) => screen.tell(event)) },
  { weight: 3, arbitrary: anyText(60).map(text => (screen: ScreenTest) => screen.say(text)) },
  {
    weight: 2,
    arbitrary: anyText(30).map(
      text => (screen: ScreenTest) => screen.say(text, { sentAt: NOW - 9_000_000, late: true }),
    ),
  },
  { weight: 3, arbitrary: anyText(10).map(text => (screen: ScreenTest) => screen.type(text)) },
  {
    weight: 1,
    arbitrary: anyText(20).map(text => (screen: ScreenTest) => screen.press({ kind: 'paste', text })),
  },
  { weight: 2, arbitrary: fc.constantFrom(...LINES).map(line => (screen: ScreenTest) => screen.type(line)) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(...CHORDS).map(chord => (screen: ScreenTest) => screen.chord(chord)),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: -9, max: 9 })
      .map(lines => (screen: ScreenTest) => screen.press({ kind: 'wheel', lines })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ columns: fc.integer({ min: 1, max: 130 }), rows: fc.integer({ min: 1, max: 40 }) })
      .map(size => (screen: ScreenTest) => screen.screen.onResize(size)),
  },
)

test('frames have their size, a cursor in them, and only text that is safe to print', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const screen = new ScreenTest()
      for (const take of steps) {
        take(screen)
        const { lines, columns, rows, cursor } = screen.frame
        expect(lines).toHaveLength(rows)
        expect(cursor.x >= 0 && cursor.x < columns && cursor.y >= 0 && cursor.y < rows).toBe(true)
        for (const line of lines) {
          const text = line.map(part => part.text).join('')
          expect(text).not.toMatch(FORBIDDEN)
          expect(line.reduce((sum, part) => sum + widthOf(part.text), 0)).toBeLessThanOrEqual(columns)
        }
      }
    }),
    { ...seeded, numRuns: 300 },
  )
})

test('no theme lets a frame write anything but colours and columns', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 15 }), fc.constantFrom(...THEMES), (steps, theme) => {
      const screen = new ScreenTest()
      for (const take of steps) take(screen)
      for (const line of paint(screen.frame, theme)) {
        // colours, and the column of the list of people
        expect(line.replaceAll(/\u001b\[[\d;]*[mG]/g, '')).not.toMatch(FORBIDDEN)
        if (theme === 'none') expect(line).not.toMatch(/\u001b\[[\d;]*[34]8;/)
      }
    }),
    { ...seeded, numRuns: 200 },
  )
})

test('alerts hold nothing that could end them', () => {
  fc.assert(
    fc.property(anyText(40), anyText(8), (text, name) => {
      const screen = new ScreenTest({ settings: { alert: 'osc9', rooms: { lobby: 'all' } } })
      screen.say(text, { name })
      for (const effect of screen.effects) {
        if (effect.kind === 'alert') expect(effect.title + effect.text).not.toMatch(FORBIDDEN)
      }
      expect(screen.effects).toHaveLength(1)
    }),
    seeded,
  )
})
