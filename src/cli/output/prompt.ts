/**
 * The prompt: an input line, with messages appearing above it: `node:readline` for editing and history, and a
 * little cursor movement that every terminal supports.
 */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'
import { Writable } from 'node:stream'
import { type Line, MAX_LINE_BYTES } from '../input/lines.ts'
import type { Io } from '../io.ts'
import { BatchWriter } from './batch-writer.ts'
import { stderrLines } from './stderr.ts'
import { droppedEvent, type EventFormatter, type Surface } from './surface.ts'

const PROMPT = '> '

/** Lines that wait to be carried out; a longer paste waits in the terminal. */
const MAX_TYPED_AHEAD = 256

/** A surface on a terminal. `interrupt` is called for Ctrl-C, which is no signal during line editing. */
export function promptSurface(io: Io, format: EventFormatter, interrupt: () => void): Surface {
  io.unblock()
  const editor = createInterface({ input: io.stdin, output: io.stdout, prompt: PROMPT, terminal: true })
  const life = { isOpen: true }
  editor.on('SIGINT', interrupt)
  editor.once('close', () => {
    life.isOpen = false
    io.stdout.write('\n')
  })
  const above = outputAboveLine(io, editor, life)
  const writer = new BatchWriter(above, { droppedLine: count => format(droppedEvent(count)) })
  editor.prompt()
  return {
    emit: event => {
      const text = format(event)
      if (text !== '') writer.write(text)
    },
    log: io.stderr.isTTY === true ? line => writer.write(`${line}\n`) : stderrLines(io),
    lines: typedLines(editor, life),
    ready: () => writer.ready(),
    broken: writer.broken,
    async close() {
      await writer.flush()
      if (life.isOpen) editor.close()
    },
  }
}

interface PromptState {
  isOpen: boolean
}

/** A stream whose text appears above the input line. */
function outputAboveLine(io: Io, editor: Interface, life: PromptState): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _, done) {
      if (life.isOpen) printAbove(io, editor, text)
      else io.stdout.write(text)
      // a terminal that isn't read takes nothing: what follows waits where it is bounded
      io.stdout.write('', () => done())
    },
  })
  io.stdout.on('error', error => stream.destroy(error))
  return stream
}

function printAbove(io: Io, editor: Interface, text: string): void {
  const { rows } = editor.getCursorPos()
  moveCursor(io.stdout, 0, -rows)
  cursorTo(io.stdout, 0)
  clearScreenDown(io.stdout)
  // The editor moves up by the rows of its line before it redraws.
  io.stdout.write(`${text}${'\n'.repeat(rows)}`)
  editor.prompt(true)
}

/** Listens from the start, since people type while a room is still connecting. */
function typedLines(editor: Interface, life: PromptState): AsyncIterable<readonly Line[]> {
  let typed: Line[] = []
  let some = Promise.withResolvers<void>()
  editor.on('line', text => {
    typed.push(text.length > MAX_LINE_BYTES ? { kind: 'too-long' } : { kind: 'line', text })
    if (typed.length >= MAX_TYPED_AHEAD) editor.pause()
    some.resolve()
    editor.prompt()
  })
  editor.once('close', () => some.resolve())
  return (async function* batches() {
    while (life.isOpen || typed.length > 0) {
      await some.promise
      some = Promise.withResolvers()
      const batch = typed
      typed = []
      yield batch
      if (life.isOpen) editor.resume()
    }
  })()
}
