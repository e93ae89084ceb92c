/**
 * One line of standard input with `--json`, into what is meant by it. Strict, because a program that sent
 * something else than it meant must hear of it: `{"text":"…","rom":"x"}` would reach the wrong room.
 */
import { checkRoom } from '../core/names.ts'
import { parseLine } from './command.ts'
import { badRoom } from './command-table.ts'
import type { Input } from './input.ts'

/**
 * `{"text": string, "room"?: string}` says the text as it stands, slashes and line breaks included;
 * `{"command": "/…"}` runs a command. Anything else is `invalid`. Never throws.
 */
export function parseJsonLine(line: string): Input {
  const fields = readObject(line)
  if (fields === undefined) return badInput('The line is no JSON object')
  const stranger = [...fields.keys()].find(key => !['text', 'room', 'command'].includes(key))
  if (stranger !== undefined) return badInput('The object has a field that means nothing here')
  return fields.has('command') ? readCommand(fields) : readText(fields)
}

function readText(fields: ReadonlyMap<string, unknown>): Input {
  const text = fields.get('text')
  const room = fields.get('room')
  if (typeof text !== 'string' || text === '') return badInput('"text" must be a string and not empty')
  // A lone surrogate has no UTF-8 form; better to see now what everyone else will get.
  const said = { kind: 'say', text: text.toWellFormed() } as const
  if (room === undefined) return said
  if (typeof room !== 'string') return badInput('"room" must be a string')
  const check = checkRoom(room)
  return check.kind === 'valid' ? { ...said, room: check.room } : badRoom(check.reason)
}

function readCommand(fields: ReadonlyMap<string, unknown>): Input {
  const command = fields.get('command')
  if (fields.size > 1) return badInput('"command" stands alone')
  if (typeof command !== 'string' || !/^\/[^/\r\n][^\r\n]*$/.test(command)) {
    return badInput('"command" must be a string of one line that begins with one slash')
  }
  return parseLine(command) ?? badInput('"command" is empty')
}

function readObject(line: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return new Map(Object.entries(value))
  } catch {
    return undefined
  }
}

function badInput(text: string): Input {
  return {
    kind: 'invalid',
    code: 'bad-input',
    text,
    remedy: 'Write {"text":"…"}, with "room" for another room, or {"command":"/who"}, one object a line',
  }
}
