import { describe, expect, it } from 'vitest'
import { colourOf, inkOf, PEOPLE_COLOURS, wantsColour } from '../../../src/ui/colour.ts'

describe('wantsColour', () => {
  it.each([
    [true, {}, 'ansi'],
    [false, {}, 'none'],
    [true, { TERM: 'xterm-256color' }, 'ansi'],
    [true, { TERM: 'dumb' }, 'none'],
    [true, { NO_COLOR: '1' }, 'none'],
    [true, { NO_COLOR: '0' }, 'none'],
    [true, { NO_COLOR: '' }, 'ansi'],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, 'none'],
    [false, { FORCE_COLOR: '1' }, 'ansi'],
    [false, { FORCE_COLOR: '3', TERM: 'dumb' }, 'ansi'],
    [false, { FORCE_COLOR: '' }, 'none'],
    [true, { FORCE_COLOR: '0' }, 'none'],
    [true, { FORCE_COLOR: 'false' }, 'none'],
    [false, { CLICOLOR_FORCE: '1' }, 'ansi'],
    [false, { CLICOLOR_FORCE: '0' }, 'none'],
    [true, { CLICOLOR: '0' }, 'none'],
    [false, { CLICOLOR: '1' }, 'none'],
    [true, { CLICOLOR: '0', CLICOLOR_FORCE: '1' }, 'ansi'],
  ] as const)('terminal: %s, environment: %j → %s', (isTTY, env, colour) => {
    expect(wantsColour({ isTTY, env })).toBe(colour)
  })
})

/** Relative luminance (WCAG 2.2) of a colour of xterm's 6×6×6 cube. */
function luminance(colour: number): number {
  const levels = [0, 95, 135, 175, 215, 255]
  const at = colour - 16
  const [red, green, blue] = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map(level => {
    const part = (levels[level] ?? 0) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0)
}

describe('the colours of people', () => {
  it.each(PEOPLE_COLOURS)('%i can be read on black and on white', colour => {
    expect((luminance(colour) + 0.05) / 0.05).toBeGreaterThanOrEqual(3)
    expect(1.05 / (luminance(colour) + 0.05)).toBeGreaterThanOrEqual(3)
  })

  it('are the same for the same peer, and all in use', () => {
    const peers = Array.from({ length: 200 }, (_, n) => `12D3KooW${n}`)
    expect(peers.map(colourOf)).toEqual(peers.map(colourOf))
    expect(new Set(peers.map(colourOf))).toEqual(new Set(PEOPLE_COLOURS))
  })
})

describe('ink', () => {
  it('closes what it opens', () => {
    const ink = inkOf('ansi')
    expect(ink.person('x', 'alice')).toBe(`\u001b[38;5;${colourOf('x')}malice\u001b[39m`)
    expect(ink.faint('14:03')).toBe('\u001b[38;5;244m14:03\u001b[39m')
    expect(ink.loud('!!')).toBe('\u001b[1m!!\u001b[22m')
  })

  it('is nothing where no colour is wanted', () => {
    const ink = inkOf('none')
    expect(ink.person('x', 'alice') + ink.faint('a') + ink.loud('b')).toBe('aliceab')
  })
})
