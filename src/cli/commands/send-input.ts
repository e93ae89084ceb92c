/**
 * The messages of `parley send`: the text of its arguments, or each line of standard input. Nothing in it is
 * a command.
 */

import { stripVTControlCharacters } from 'node:util'
import type { Input } from '../../api/inputs.ts'
import { parseJsonLine } from '../../api/json.ts'
import { ParleyError } from '../../common/errors.ts'
import { settingsError } from '../../config/errors.ts'
import { MAX_TEXT_BYTES } from '../../protocol/limits.ts'
import type { Line } from '../input/lines.ts'
import { readLines } from '../input/lines.ts'
import type { Io } from '../io.ts'

/** The arguments as one text, as in `echo`. Throws a `ParleyError` with exit code 2 if it can't be sent. */
export function textOf(words: readonly string[]): string {
  const text = words.join(' ').toWellFormed()
  if (isBlank(text))
    throw settingsError('empty-text', 'the text to send is empty', 'Write something to send.')
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_TEXT_BYTES) return text
  const what = `the text has ${bytes} bytes, and a message may have ${MAX_TEXT_BYTES}`
  throw settingsError('text-too-long', what, 'Send it in parts, or as lines of standard input.')
}

/** A text as lines for a surface. */
export async function* linesOf(text: string): AsyncGenerator<readonly Line[]> {
  yield [{ kind: 'line', text }]
}

/**
 * The lines of standard input, once one has text. Rejects with a `ParleyError` if there is none, or if it
 * can't be read, at once or later.
 */
export async function inputLines(io: Io): Promise<AsyncIterable<readonly Line[]>> {
  const batches = readLines(io.stdin, refuseInput)
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    const { value } = next
    if (value.some(line => line.kind === 'too-long' || !isBlank(line.text)))
      return rejectFirst(value, batches)
  }
  throw new ParleyError(
    'empty-text',
    'there is nothing to send: standard input is empty',
    'Give the text after the room, or a line for each message on standard input.',
  )
}

/** A line as a text; blank ones are skipped. */
export function parseText(text: string): Input | undefined {
  return isBlank(text) ? undefined : { kind: 'say', text }
}

/** Inputs that are texts, or mistakes. */
const TEXTS: readonly Input['kind'][] = ['say', 'code', 'reply', 'invalid']

/** A JSON line, of which only texts are accepted. */
export function parseJsonText(line: string): Input {
  const input = parseJsonLine(line)
  if (TEXTS.includes(input.kind)) return input
  return {
    kind: 'invalid',
    code: 'bad-input',
    text: 'parley send runs no commands',
    remedy: 'Write {"text":"…"}, one object a line, or use parley join --json.',
  }
}

async function* rejectFirst(first: readonly Line[], rest: AsyncIterable<readonly Line[]>) {
  yield first
  yield* rest
}

function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** Throws why standard input can't be read. */
function refuseInput(cause: unknown): never {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  throw new ParleyError(
    'input-failed',
    `standard input can't be read (${why})`,
    'Check where it comes from.',
    { cause },
  )
}

// The message of `parley send --code`: program output, as few blocks as possible. Colours and other terminal
// sequences are removed; the rest stays as it is, including tabs and blank lines.

/** More is a file, not a message to a room: 3,000 lines of 80 characters. */
export const MAX_CODE_BYTES = 32 * MAX_TEXT_BYTES

/**
 * All of standard input as blocks, once it has ended. Rejects with a `ParleyError` if it is empty or too
 * long.
 */
export async function codeInput(io: Io): Promise<AsyncIterable<readonly Line[]>> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of io.stdin) {
      const bite = Buffer.from(chunk as Uint8Array)
      chunks.push(bite)
      bytes += bite.length
      if (bytes > MAX_CODE_BYTES) break
    }
  } catch (cause) {
    refuseInput(cause)
  }
  if (bytes > MAX_CODE_BYTES) throw tooLong()
  return blocksOf(Buffer.concat(chunks).toString('utf8'))
}

/** A text as blocks. Throws a `ParleyError` if it is empty or too long. */
export function blocksOf(text: string): AsyncIterable<readonly Line[]> {
  const clean = stripVTControlCharacters(text)
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/^\n+|\s+$/g, '')
  if (clean === '') throw nothing()
  if (Buffer.byteLength(clean) > MAX_CODE_BYTES) throw tooLong()
  return asLines(partsOf(clean))
}

/**
 * As few messages as possible. If there are several, each states its number, since others may come between
 * them, or one may be missing.
 */
function partsOf(text: string): readonly string[] {
  if (Buffer.byteLength(text) <= MAX_TEXT_BYTES) return [text]
  const parts = splitText(text, MAX_TEXT_BYTES - HEAD_BYTES)
  return parts.map((part, at) => `${headOf(at + 1, parts.length)}${part}`)
}

function headOf(part: number, of: number): string {
  return `[part ${part} of ${of}]\n`
}

/** The number of parts never has more than two digits. */
const HEAD_BYTES = headOf(99, 99).length

async function* asLines(blocks: readonly string[]): AsyncGenerator<readonly Line[]> {
  yield blocks.map(text => ({ kind: 'line', text }) as const)
}

/** A block as it is sent. */
export function parseCode(text: string): Input {
  return { kind: 'code', text }
}

/** Parts of at most so many bytes of UTF-8, split at line ends if possible, and never within a character. */
export function splitText(text: string, maxBytes: number): readonly string[] {
  const lines = text.split(/(?<=\n)/)
  const pieces = lines.flatMap(line => (Buffer.byteLength(line) <= maxBytes ? line : pack(line, maxBytes)))
  return pack(pieces, maxBytes)
    .map(part => part.replace(/\n$/, ''))
    .filter(part => part.trim() !== '')
}

/** Joins pieces, as many as fit into each part. No piece is larger than a part. */
function pack(pieces: Iterable<string>, maxBytes: number): readonly string[] {
  const parts: string[] = []
  let part = ''
  let bytes = 0
  for (const piece of pieces) {
    const size = Buffer.byteLength(piece)
    if (bytes + size > maxBytes) {
      parts.push(part)
      part = ''
      bytes = 0
    }
    part += piece
    bytes += size
  }
  return [...parts, part]
}

function nothing(): ParleyError {
  return new ParleyError(
    'empty-text',
    'there is nothing to send: the program wrote nothing',
    'Errors are written elsewhere: make test 2>&1 | parley send ROOM --code',
  )
}

function tooLong(): ParleyError {
  return settingsError(
    'text-too-long',
    `there is more to send than ${MAX_CODE_BYTES} bytes`,
    'Send its end: make test 2>&1 | tail -n 200 | parley send ROOM --code',
  )
}
