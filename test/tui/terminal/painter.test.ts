/** What the painter writes, seen through a terminal emulator. */
import xterm from '@xterm/headless'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Frame, FrameLine, Style } from '../../../src/tui/layout/frame.ts'
import { ENTER_SCREEN, LEAVE_SCREEN, Painter } from '../../../src/tui/terminal/painter.ts'
import { seeded } from '../../text/arbitraries.ts'

const [COLUMNS, ROWS] = [12, 4]

function frameOf(lines: readonly FrameLine[], cursor = { x: 0, y: 0 }): Frame {
  return { columns: COLUMNS, rows: ROWS, lines, cursor }
}

function text(value: string, style: Style = 'text'): FrameLine {
  return [{ text: value, style }]
}

/** A terminal, and what it shows after this was written to it. */
function terminal() {
  const emulator = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true })
  return {
    emulator,
    async shown(written: string): Promise<readonly string[]> {
      await new Promise<void>(resolve => emulator.write(written, resolve))
      const { active } = emulator.buffer
      return Array.from(
        { length: ROWS },
        (_, at) => active.getLine(at)?.translateToString(true).trimEnd() ?? '',
      )
    },
  }
}

test('whatever was shown before, the terminal shows the frame, and its cursor is there', async () => {
  const word = fc.constantFrom('', 'a', 'hello', '日本語', 'exactly 12 c', '日本語日本語', ' x ')
  const style = fc.constantFrom<Style>('text', 'faint', 'mention', 'selected', 'person-3')
  const line = fc.tuple(word, style).map(([value, look]) => text(value, look))
  const frame = fc
    .tuple(fc.array(line, { minLength: ROWS, maxLength: ROWS }), fc.nat(COLUMNS - 1), fc.nat(ROWS - 1))
    .map(([lines, x, y]) => frameOf(lines, { x, y }))
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 6 }), async frames => {
      const { emulator, shown } = terminal()
      const painter = new Painter()
      await shown(ENTER_SCREEN)
      for (const one of frames) {
        const expected = one.lines.map(parts =>
          parts
            .map(part => part.text)
            .join('')
            .trimEnd(),
        )
        expect(await shown(painter.draw(one, 'dark'))).toEqual(expected)
        const { cursorX, cursorY } = emulator.buffer.active
        expect({ x: cursorX, y: cursorY }).toEqual(one.cursor)
      }
    }),
    { ...seeded, numRuns: 100 },
  )
})

test('lines that only moved are moved by the terminal, whatever else changes', async () => {
  const rows = 10
  const line = fc
    .constantFrom('', 'one', 'two', 'three', '日本語', 'five')
    .map(value => text(value, 'person-1'))
  const window = fc.record({ at: fc.nat(20), head: line, foot: line })
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 30, maxLength: 30 }),
      fc.array(window, { minLength: 2, maxLength: 6 }),
      async (transcript, windows) => {
        const emulator = new xterm.Terminal({ cols: COLUMNS, rows, allowProposedApi: true })
        const painter = new Painter()
        for (const { at, head, foot } of windows) {
          const lines = [head, ...transcript.slice(at, at + rows - 2), foot]
          const drawn = painter.draw({ columns: COLUMNS, rows, lines, cursor: { x: 0, y: 9 } }, 'dark')
          await new Promise<void>(resolve => emulator.write(drawn, resolve))
          const shown = lines.map((_, y) =>
            emulator.buffer.active.getLine(y)?.translateToString(true).trimEnd(),
          )
          expect(shown).toEqual(lines.map(parts => parts[0]?.text ?? ''))
        }
      },
    ),
    { ...seeded, numRuns: 100 },
  )
})

test('a line that comes at the end is the only one that is written', () => {
  const painter = new Painter()
  const lines = Array.from({ length: 20 }, (_, at) => text(`line ${at}.`))
  const frame = { columns: COLUMNS, rows: 10, cursor: { x: 0, y: 0 } }
  painter.draw({ ...frame, lines: lines.slice(0, 10) }, 'auto')
  const drawn = painter.draw({ ...frame, lines: lines.slice(1, 11) }, 'auto')
  expect(drawn).toContain('line 10.')
  expect(drawn).not.toMatch(/line \d\./)
})

test('what is shown already is not written again', () => {
  const painter = new Painter()
  const frame = frameOf([text('a'), text('b'), text('c'), text('d')])
  painter.draw(frame, 'auto')
  expect(painter.draw({ ...frame }, 'auto')).toBe('')
  const changed = painter.draw(frameOf([text('a'), text('B'), text('c'), text('d')]), 'auto')
  expect(changed).toContain('B')
  expect(changed).not.toMatch(/[acd]/)
  painter.forget()
  expect(painter.draw(frame, 'auto')).toMatch(/a.*b.*c.*d/s)
})

test('each frame is one synchronised update', () => {
  const drawn = new Painter().draw(frameOf([text('a'), text(''), text(''), text('')]), 'auto')
  expect(drawn).toMatch(/^\u001b\[\?2026h.*\u001b\[\?2026l$/s)
})

test('a line that the terminal takes to be wider stays on its line', async () => {
  const { shown } = terminal()
  await shown(ENTER_SCREEN)
  const lines = [text('far too wide for this window'), text('next'), text(''), text('')]
  expect((await shown(new Painter().draw(frameOf(lines), 'none')))[1]).toBe('next')
})

test('the terminal is given back as it was', async () => {
  const { emulator, shown } = terminal()
  expect((await shown('before'))[0]).toBe('before')
  await shown(ENTER_SCREEN + new Painter().draw(frameOf([text('x'), text(''), text(''), text('')]), 'dark'))
  expect(emulator.buffer.active.type).toBe('alternate')
  expect((await shown(LEAVE_SCREEN))[0]).toBe('before')
  expect(emulator.buffer.active.type).toBe('normal')
  expect(emulator.modes).toMatchObject({ bracketedPasteMode: false, wraparoundMode: true })
})
