/**
 * The readline keys, as operations on the line. Other keys aren't the editor's.
 */
import { blankStart, boundaryAfter, boundaryBefore, wordEnd, wordStart } from '../../text/graphemes.ts'
import { insert, kill, type Line, moveTo, remove, splice, undo, yank, yankPop } from './line-editor.ts'

type Operation = (line: Line) => Line

/** Also for help and documentation: the keys, what they do, and the operation. */
interface Binding {
  readonly chords: readonly string[]
  readonly does: string
  readonly operation: Operation
}

export const BINDINGS: readonly Binding[] = [
  { chords: ['C-a', 'Home'], does: 'beginning of the line', operation: at => moveTo(at, lineStart(at)) },
  { chords: ['C-e', 'End'], does: 'end of the line', operation: at => moveTo(at, lineEnd(at)) },
  {
    chords: ['C-b', 'Left'],
    does: 'back a character',
    operation: at => moveTo(at, boundaryBefore(at.text, at.cursor)),
  },
  {
    chords: ['C-f', 'Right'],
    does: 'forward a character',
    operation: at => moveTo(at, boundaryAfter(at.text, at.cursor)),
  },
  {
    chords: ['M-b', 'C-Left'],
    does: 'back a word',
    operation: at => moveTo(at, wordStart(at.text, at.cursor)),
  },
  {
    chords: ['M-f', 'C-Right'],
    does: 'forward a word',
    operation: at => moveTo(at, wordEnd(at.text, at.cursor)),
  },
  {
    chords: ['C-h', 'Backspace'],
    does: 'delete the character before the cursor',
    operation: at => remove(at, boundaryBefore(at.text, at.cursor), at.cursor),
  },
  {
    chords: ['C-d', 'Delete'],
    does: 'delete the character behind the cursor',
    operation: at => remove(at, at.cursor, boundaryAfter(at.text, at.cursor)),
  },
  { chords: ['C-k'], does: 'kill to the end of the line', operation: killForward },
  { chords: ['C-u'], does: 'kill to the beginning of the line', operation: killBackward },
  {
    chords: ['C-w'],
    does: 'kill back to a blank',
    operation: at => kill(at, blankStart(at.text, at.cursor), at.cursor, 'before'),
  },
  {
    chords: ['M-d', 'C-Delete'],
    does: 'kill the word behind the cursor',
    operation: at => kill(at, at.cursor, wordEnd(at.text, at.cursor), 'behind'),
  },
  {
    chords: ['M-Backspace', 'M-C-h'],
    does: 'kill the word before the cursor',
    operation: at => kill(at, wordStart(at.text, at.cursor), at.cursor, 'before'),
  },
  { chords: ['C-y'], does: 'yank what was killed', operation: yank },
  { chords: ['M-y'], does: 'after a yank: what was killed before that', operation: yankPop },
  { chords: ['C-t'], does: 'exchange two characters', operation: transpose },
  { chords: ['C-_'], does: 'undo', operation: undo },
  { chords: ['M-Enter', 'C-j'], does: 'another line', operation: at => insert(at, '\n') },
]

const byChord: ReadonlyMap<string, Operation> = new Map(
  BINDINGS.flatMap(({ chords, operation }) => chords.map(chord => [chord, operation] as const)),
)

/** The line after this key; undefined if it is no editor key. */
export function editorKey(line: Line, chord: string): Line | undefined {
  return byChord.get(chord)?.(line)
}

/** The same column a line above; undefined on the first line. */
export function lineUp(line: Line): Line | undefined {
  const start = lineStart(line)
  if (start === 0) return undefined
  const above = lineStart({ ...line, cursor: start - 1 })
  return moveTo(line, Math.min(above + line.cursor - start, start - 1))
}

/** The same column a line below; undefined on the last line. */
export function lineDown(line: Line): Line | undefined {
  const end = lineEnd(line)
  if (end === line.text.length) return undefined
  const below = end + 1
  return moveTo(line, Math.min(below + line.cursor - lineStart(line), lineEnd({ ...line, cursor: below })))
}

function lineStart({ text, cursor }: Line): number {
  return cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1
}

function lineEnd({ text, cursor }: Line): number {
  const end = text.indexOf('\n', cursor)
  return end === -1 ? text.length : end
}

/** At the end of a line it deletes the line end, as in Emacs. */
function killForward(line: Line): Line {
  const end = lineEnd(line)
  return kill(line, line.cursor, end === line.cursor ? boundaryAfter(line.text, end) : end, 'behind')
}

function killBackward(line: Line): Line {
  const start = lineStart(line)
  const from = start === line.cursor ? boundaryBefore(line.text, start) : start
  return kill(line, from, line.cursor, 'before')
}

/** Exchanges the character before the cursor with the one after it; at the end, the last two. */
function transpose(line: Line): Line {
  const { text, cursor } = line
  const end = boundaryAfter(text, cursor)
  const middle = cursor === text.length ? boundaryBefore(text, cursor) : cursor
  const start = boundaryBefore(text, middle)
  if (start === middle || middle === end) return line
  return splice(line, start, end, text.slice(middle, end) + text.slice(start, middle))
}
