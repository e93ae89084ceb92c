/**
 * Parses one line of standard input with `--json`. Strict, because a program must learn that it sent
 * something else than it meant: `{"text":"…","rom":"x"}` would reach the wrong room.
 */

import { escapeUnseen } from '../common/escape.ts'
import { unseenClause } from '../room/names/character-name.ts'
import { checkRoom } from '../room/names/names.ts'
import { isMessageId, readJsonReact } from './command-arguments.ts'
import { parseLine } from './command-parser.ts'
import { badRoom } from './command-table.ts'
import type { UiEvent } from './events.ts'
import type { Input } from './inputs.ts'

type Fields = ReadonlyMap<string, unknown>

/** The forms, each with the field that distinguishes it from those below, and all its fields. */
const FORMS: readonly (readonly [
  name: string,
  fields: readonly string[],
  read: (fields: Fields) => Input,
])[] = [
  ['command', ['command'], readCommand],
  ['edit', ['edit', 'text', 'room'], readEdit],
  ['delete', ['delete', 'room'], readDelete],
  ['react', ['react', 'emoji', 'on', 'room'], readReact],
  ['text', ['text', 'reply', 'code', 'room'], readText],
]

/**
 * `{"text": string}` sends the text verbatim, slashes and line breaks included; with `"reply": ID` as an
 * answer, with `"code": true` as a block. `{"edit": ID, "text": string}`, `{"delete": ID}` and `{"react": ID,
 * "emoji": string, "on"?: boolean}` amend a message. All of them accept a `"room"`. `{"command": "/…"}` runs
 * a command. Anything else is `invalid`. Never throws.
 */
export function parseJsonLine(line: string): Input {
  const fields = readObject(line)
  if (fields === undefined) return badInput(`The line is no JSON object${unseenClause(line)}`)
  const unseen = unseenClause([...fields.keys()].join(''))
  const form = FORMS.find(([name]) => fields.has(name))
  if (form === undefined) return badInput(`The object has nothing that says what to do${unseen}`)
  const [name, known, read] = form
  const stranger = [...fields.keys()].find(key => !known.includes(key))
  if (stranger !== undefined)
    return badInput(`The object has a field that means nothing beside "${name}"${unseen}`)
  return inRoom(read(fields), fields)
}

/** Except for a command, which names its room itself. */
function inRoom(input: Input, fields: Fields): Input {
  if (!fields.has('room') || input.kind === 'invalid') return input
  const room = fields.get('room')
  if (typeof room !== 'string') return badInput('"room" must be a string')
  const check = checkRoom(room)
  return check.kind === 'valid' ? ({ ...input, room: check.room } as Input) : badRoom(check.reason)
}

function readText(fields: Fields): Input {
  const text = writtenIn(fields)
  const code = fields.get('code') ?? false
  const reply = fields.get('reply')
  if (text === undefined) return badText()
  if (typeof code !== 'boolean') return badInput('"code" must be true or false')
  if (reply === undefined) return { kind: code ? 'code' : 'say', text }
  if (code) return badInput('"code" is no "reply"')
  return isMessageId(reply) ? { kind: 'reply', to: { by: 'id', id: reply }, text } : badId('reply')
}

function readEdit(fields: Fields): Input {
  const id = fields.get('edit')
  const text = writtenIn(fields)
  if (!isMessageId(id)) return badId('edit')
  return text === undefined ? badText() : { kind: 'edit', of: { by: 'id', id }, text }
}

function readDelete(fields: Fields): Input {
  const id = fields.get('delete')
  return isMessageId(id) ? { kind: 'delete', of: { by: 'id', id } } : badId('delete')
}

function readReact(fields: Fields): Input {
  const id = fields.get('react')
  const emoji = fields.get('emoji')
  const on = fields.get('on') ?? true
  if (!isMessageId(id)) return badId('react')
  if (typeof emoji !== 'string') return badInput('"emoji" must be a string')
  if (typeof on !== 'boolean') return badInput('"on" must be true or false')
  return readJsonReact(id, emoji, on ? 'on' : 'off')
}

/** A lone surrogate has no UTF-8 form; better to show now what everyone else will get. */
function writtenIn(fields: Fields): string | undefined {
  const text = fields.get('text')
  return typeof text === 'string' && text !== '' ? text.toWellFormed() : undefined
}

function readCommand(fields: Fields): Input {
  const command = fields.get('command')
  if (typeof command !== 'string' || !/^\/[^/\r\n][^\r\n]*$/.test(command)) {
    return badInput('"command" must be a string of one line that begins with one slash')
  }
  return parseLine(command) ?? badInput('"command" is empty')
}

function readObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return new Map(Object.entries(value))
  } catch {
    return undefined
  }
}

function badText(): Input {
  return badInput('"text" must be a string and not empty')
}

function badId(field: string): Input {
  return badInput(`"${field}" must be the id of a message, 64 hexadecimal digits`)
}

function badInput(text: string): Input {
  return {
    kind: 'invalid',
    code: 'bad-input',
    text,
    remedy:
      'Write {"text":"…"}, {"command":"/who"}, {"edit":ID,"text":"…"}, {"delete":ID} or {"react":ID,"emoji":"👍"}, one object a line',
  }
}

// Events as the lines of `--json`. Programs read them, and sometimes people in a terminal: so whatever a
// terminal could act on or hide is escaped. A parser gets the same value, to the last code unit; nothing is
// removed.

/** One line of JSON (RFC 8259) without its line end. */
export function jsonLine(event: UiEvent): string {
  return escapeUnseen(JSON.stringify(event))
}
