/**
 * What `parley send` is to say: the text of its arguments, or each line of standard input. Nothing in it is a command.
 */

import type { Input } from '../../api/inputs.ts'
import { parseJsonLine } from '../../api/json.ts'
import { ParleyError } from '../../common/errors.ts'
import { wrong } from '../../config/errors.ts'
import { MAX_TEXT_BYTES } from '../../protocol/limits.ts'
import { type Line, readLines } from '../input/lines.ts'
import type { Io } from '../io.ts'

/** The arguments as one text, as `echo` takes them. Throws a `ParleyError` with exit code 2 if it can't be sent. */
export function textOf(words: readonly string[]): string {
  const text = words.join(' ').toWellFormed()
  if (isBlank(text)) throw wrong('empty-text', 'the text to send is empty', 'Write something to send.')
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_TEXT_BYTES) return text
  const what = `the text has ${bytes} bytes, and a message may have ${MAX_TEXT_BYTES}`
  throw wrong('text-too-long', what, 'Send it in parts, or as lines of standard input.')
}

/** A text as what a surface reads. */
export async function* linesOf(text: string): AsyncGenerator<readonly Line[]> {
  yield [{ kind: 'line', text }]
}

/**
 * The lines of standard input, once there is one with something to say. Rejects with a `ParleyError` when there is
 * none, or when it can't be read, then or while reading on.
 */
export async function inputLines(io: Io): Promise<AsyncIterable<readonly Line[]>> {
  const batches = readLines(io.stdin, refuseInput)
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    const { value } = next
    if (value.some(line => line.kind === 'too-long' || !isBlank(line.text))) return before(value, batches)
  }
  throw new ParleyError(
    'empty-text',
    'there is nothing to send: standard input is empty',
    'Give the text after the room, or a line for each message on standard input.',
  )
}

/** A line as it stands; blank ones ask for nothing. */
export function parseText(text: string): Input | undefined {
  return isBlank(text) ? undefined : { kind: 'say', text }
}

/** What is a text, or a mistake. */
const TEXTS: readonly Input['kind'][] = ['say', 'code', 'reply', 'invalid']

/** A line of JSON, of which only texts are taken. */
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

async function* before(first: readonly Line[], rest: AsyncIterable<readonly Line[]>) {
  yield first
  yield* rest
}

function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** Throws why standard input can't be read. */
export function refuseInput(cause: unknown): never {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  throw new ParleyError(
    'input-failed',
    `standard input can't be read (${why})`,
    'Check where it comes from.',
    { cause },
  )
}
