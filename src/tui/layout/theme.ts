/**
 * The look of each style, for dark and light terminals and for different eyes. Nothing is said by colour
 * alone: `none` uses bold and reverse only, and everything is still distinguishable.
 */
import { COLOUR_COUNT, PEOPLE_COLOURS } from '../../text/colours.ts'
import type { Frame, FrameLine, Style } from './frame.ts'

export const THEMES = ['auto', 'dark', 'light', 'high-contrast', 'none'] as const
export type ThemeName = (typeof THEMES)[number]

/** SGR parameters (ECMA-48 §8.3.117), by style. */
interface Theme {
  readonly styles: Readonly<Partial<Record<Style, string>>>
  /** Of xterm's 256 colours. */
  readonly people: readonly number[]
  /** Precedes a person's colour. */
  readonly person: string
}

/** The same with and without colour. */
const SHAPES = {
  mention: '1;7',
  match: '4;7',
  status: '7',
  'status-good': '7',
  'status-alert': '1;7',
  selected: '7',
  trouble: '1',
  prompt: '1',
} as const

/**
 * People's colours are chosen like those of line mode; the reasons are in `text/colours.ts`. `auto` is
 * readable on both kinds of terminal, 3:1; `dark` has 5:1 to black and `light` 5:1 to white, and none is
 * grey, which is for events around the conversation. Their smallest differences (CIEDE2000) are 16 and 11,
 * also for protanopia and deuteranopia.
 */
const BY_NAME: Readonly<Record<ThemeName, Theme>> = {
  auto: {
    styles: { ...SHAPES, faint: '38;5;244', own: '38;5;244', divider: '38;5;160', trouble: '1;38;5;160' },
    people: PEOPLE_COLOURS,
    person: '',
  },
  dark: {
    styles: {
      ...SHAPES,
      faint: '38;5;245',
      own: '38;5;245',
      mention: '1;38;5;16;48;5;220',
      match: '38;5;16;48;5;117',
      divider: '38;5;209',
      trouble: '1;38;5;209',
      status: '38;5;252;48;5;238',
      'status-good': '38;5;120;48;5;238',
      'status-alert': '1;38;5;220;48;5;238',
    },
    people: [65, 87, 105, 181, 190, 196, 199, 230],
    person: '',
  },
  light: {
    styles: {
      ...SHAPES,
      faint: '38;5;241',
      own: '38;5;241',
      mention: '1;38;5;16;48;5;220',
      match: '38;5;16;48;5;117',
      divider: '38;5;124',
      trouble: '1;38;5;124',
      status: '38;5;234;48;5;252',
      'status-good': '38;5;22;48;5;252',
      'status-alert': '1;38;5;88;48;5;252',
    },
    people: [17, 20, 23, 26, 52, 58, 96, 125],
    person: '',
  },
  'high-contrast': { styles: { ...SHAPES, divider: '1' }, people: [], person: '1' },
  none: { styles: SHAPES, people: [], person: '1' },
}

/** The colours of people in a theme, of xterm's 256; none if it uses no colour. */
export function peopleColours(name: ThemeName): readonly number[] {
  return BY_NAME[name].people
}

/** A frame's lines for a terminal, each beginning and ending in the normal style. */
export function paint(frame: Frame, name: ThemeName): readonly string[] {
  return frame.lines.map(line => paintLine(line, BY_NAME[name]))
}

function paintLine(line: FrameLine, theme: Theme): string {
  let painted = ''
  for (const { text, style, column } of line) {
    const look = lookOf(style, theme)
    if (column !== undefined) painted += `\u001b[${column + 1}G`
    painted += look === '' || text === '' ? text : `\u001b[${look}m${text}\u001b[0m`
  }
  return painted
}

function lookOf(style: Style, theme: Theme): string {
  if (!style.startsWith('person-')) return theme.styles[style] ?? ''
  const { people, person } = theme
  if (people.length === 0) return person
  const look = Number(style.slice('person-'.length))
  return `${look < COLOUR_COUNT ? '' : '1;'}38;5;${people[look % COLOUR_COUNT]}`
}
