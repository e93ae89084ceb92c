/**
 * What a terminal emulator shows, as an SVG: a rectangle for each run of one background, a text for each run of one
 * look. Each text is stretched to its columns, so that it looks the same with any font.
 */
import type { IBufferCell, Terminal } from '@xterm/headless'

const CELL = { width: 8.4, height: 18 }
const MARGIN = 12
const FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
const FOREGROUND = '#d8dee9'
const BACKGROUND = '#1b1f27'

/** Of the first 16, which are each terminal's own. */
const BASIC = [
  ...['#2e3440', '#bf616a', '#a3be8c', '#ebcb8b', '#81a1c1', '#b48ead', '#88c0d0', '#e5e9f0'],
  ...['#4c566a', '#d08770', '#b5d19f', '#f0d399', '#8fb0d4', '#c49ac0', '#9bd0dd', '#eceff4'],
]

interface Look {
  readonly foreground: string
  readonly background: string
  readonly isBold: boolean
  readonly isUnderlined: boolean
}

interface Run extends Look {
  readonly column: number
  columns: number
  text: string
}

/** The window as it is now. `title` says what it is, for who can't see it. */
export function renderSvg(terminal: Terminal, title: string): string {
  const { cols, rows } = terminal
  const width = cols * CELL.width + 2 * MARGIN
  const height = rows * CELL.height + 2 * MARGIN
  const lines = Array.from({ length: rows }, (_, row) => renderLine(runsOf(terminal, row), row))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="${FONT}" font-size="14" xml:space="preserve">`,
    ...lines.filter(line => line !== ''),
    renderCursor(terminal),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

function runsOf(terminal: Terminal, row: number): readonly Run[] {
  const { active } = terminal.buffer
  const line = active.getLine(active.viewportY + row)
  const runs: Run[] = []
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column)
    if (cell === undefined || cell.getWidth() === 0) continue
    const look = lookOf(cell)
    const last = runs.at(-1)
    const text = cell.getChars() || ' '
    if (last !== undefined && isAlike(last, look)) {
      last.text += text
      last.columns += cell.getWidth()
    } else {
      runs.push({ ...look, column, columns: cell.getWidth(), text })
    }
  }
  return runs
}

function lookOf(cell: IBufferCell): Look {
  const foreground = colourOf(cell.isFgDefault(), cell.isFgPalette(), cell.getFgColor()) ?? FOREGROUND
  const background = colourOf(cell.isBgDefault(), cell.isBgPalette(), cell.getBgColor()) ?? BACKGROUND
  const isInverse = cell.isInverse() !== 0
  return {
    foreground: isInverse ? background : foreground,
    background: isInverse ? foreground : background,
    isBold: cell.isBold() !== 0,
    isUnderlined: cell.isUnderline() !== 0,
  }
}

function isAlike(a: Look, b: Look): boolean {
  return (
    a.foreground === b.foreground &&
    a.background === b.background &&
    a.isBold === b.isBold &&
    a.isUnderlined === b.isUnderlined
  )
}

function colourOf(isDefault: boolean, isPalette: boolean, colour: number): string | undefined {
  if (isDefault) return undefined
  return isPalette ? paletteColour(colour) : hex(colour >> 16, (colour >> 8) & 255, colour & 255)
}

/** Of xterm's 256: the basic ones, a cube of 6×6×6, and 24 greys. */
function paletteColour(index: number): string {
  const basic = BASIC[index]
  if (basic !== undefined) return basic
  if (index >= 232) return hex(...([8 + 10 * (index - 232)].flatMap(grey => [grey, grey, grey]) as Rgb))
  const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step)
  const place = index - 16
  return hex(level(Math.floor(place / 36)), level(Math.floor(place / 6) % 6), level(place % 6))
}

type Rgb = [number, number, number]

function hex(...rgb: Rgb): string {
  return `#${rgb.map(part => part.toString(16).padStart(2, '0')).join('')}`
}

function renderLine(runs: readonly Run[], row: number): string {
  const top = MARGIN + row * CELL.height
  const grounds = runs
    .filter(({ background }) => background !== BACKGROUND)
    .map(({ column, columns, background }) => {
      const box = `x="${round(MARGIN + column * CELL.width)}" y="${round(top)}" width="${round(columns * CELL.width)}"`
      return `<rect ${box} height="${CELL.height}" fill="${background}"/>`
    })
  const texts = runs.filter(({ text }) => text.trim() !== '').map(run => renderText(run, top))
  return [...grounds, ...texts].join('')
}

function renderText(run: Run, top: number): string {
  const shown = run.text.trimEnd()
  const columns = run.columns - (run.text.length - shown.length)
  const place = `x="${round(MARGIN + run.column * CELL.width)}" y="${round(top + CELL.height * 0.75)}"`
  const size = `textLength="${round(columns * CELL.width)}" lengthAdjust="spacingAndGlyphs"`
  const look = `${run.isBold ? ' font-weight="bold"' : ''}${run.isUnderlined ? ' text-decoration="underline"' : ''}`
  return `<text ${place} ${size} fill="${run.foreground}"${look}>${escaped(shown)}</text>`
}

function renderCursor({ buffer: { active } }: Terminal): string {
  const x = MARGIN + active.cursorX * CELL.width
  const y = MARGIN + active.cursorY * CELL.height
  return `<rect x="${round(x)}" y="${round(y)}" width="${CELL.width}" height="${CELL.height}" fill="${FOREGROUND}" opacity="0.6"/>`
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
