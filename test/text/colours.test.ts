import { describe, expect, it } from 'vitest'
import {
  COLOUR_COUNT,
  colouringOf,
  PEOPLE_COLOURS,
  preferredLook,
  wantsColour,
} from '../../src/text/colours.ts'
import { peopleColours } from '../../src/tui/layout/theme.ts'
import { contrasts, difference, leastDifference } from './colour-sight.ts'

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

describe('differences of colours', () => {
  // of the pairs that Sharma, Wu and Dalal publish for checking implementations
  it.each([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, -1, 2], [50, 0, 0], 2.3669],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[50, 2.5, 0], [58, 24, 15], 19.4535],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ] as const)('%j and %j: %d', (one, other, expected) => {
    expect(difference(one, other)).toBeCloseTo(expected, 4)
  })
})

describe('the colours of people', () => {
  it.each([
    ['auto', { black: 3, white: 3 }, 13],
    ['dark', { black: 5, white: 0 }, 16],
    ['light', { black: 0, white: 5 }, 11],
  ] as const)('of the theme %s can be read, and told apart with any sight', (theme, needed, apart) => {
    const colours = peopleColours(theme)
    expect(colours).toHaveLength(COLOUR_COUNT)
    for (const colour of colours) {
      expect(contrasts(colour).black).toBeGreaterThanOrEqual(needed.black)
      expect(contrasts(colour).white).toBeGreaterThanOrEqual(needed.white)
    }
    for (const sight of ['usual', 'protanopia', 'deuteranopia'] as const)
      expect(leastDifference(colours, sight)).toBeGreaterThanOrEqual(apart)
    // one in ten thousand
    expect(leastDifference(colours, 'tritanopia')).toBeGreaterThanOrEqual(11)
  })

  it('of line mode are those of the theme that suits any terminal', () => {
    expect(PEOPLE_COLOURS).toEqual(peopleColours('auto'))
  })
})

describe('ink', () => {
  it('closes what it opens', () => {
    const ink = colouringOf('ansi')
    expect(ink.person('x', 'alice')).toBe(`\u001b[38;5;${PEOPLE_COLOURS[preferredLook('x')]}malice\u001b[39m`)
    expect(ink.faint('14:03')).toBe('\u001b[38;5;244m14:03\u001b[39m')
    expect(ink.highlight('!!')).toBe('\u001b[1m!!\u001b[22m')
  })

  it('is nothing where no colour is wanted', () => {
    const ink = colouringOf('none')
    expect(ink.person('x', 'alice') + ink.faint('a') + ink.highlight('b')).toBe('aliceab')
  })
})
