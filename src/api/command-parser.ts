/**
 * From a typed line to what is meant by it. A line that begins with a slash is a command or a mistake and never
 * becomes text, so that a slip of the finger isn't told to the room; every other line is text.
 */

import { nearest } from '../common/spelling.ts'
import { COMMANDS, type Command, explained, findCommand } from './command-table.ts'
import type { Input } from './inputs.ts'

/** Characters of a mistyped command that are quoted back; longer ones are no typing mistakes. */
const MAX_QUOTED = 40

/** What other chat programs call our commands: suggested, not understood. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['/part', '/leave'],
  ['/exit', '/quit'],
  ['/bye', '/quit'],
  ['/names', '/who'],
  ['/list', '/rooms'],
  ['/name', '/nick'],
  ['/action', '/me'],
  ['/find', '/search'],
  ['/mute', '/ignore'],
  ['/block', '/ignore'],
  ['/unmute', '/unignore'],
  ['/?', '/help'],
])

type Invalid = Extract<Input, { kind: 'invalid' }>

/** One line without or with its line end. Undefined for an empty one, which asks for nothing. */
export function parseLine(line: string): Input | undefined {
  const text = line.replace(/[\r\n]{1,2}$/, '')
  if (text.trim() === '') return undefined
  if (text.startsWith('//')) return { kind: 'say', text: text.slice(1) }
  return text.startsWith('/') ? parseCommand(text) : { kind: 'say', text }
}

/** A line that begins with a single slash. */
function parseCommand(line: string): Input {
  const end = line.search(/\s/)
  const name = end === -1 ? line : line.slice(0, end)
  const command = findCommand(name)
  if (command === undefined) return unknownCommand(name)
  return command.parse(end === -1 ? '' : line.slice(end).trim()) ?? badUsage(command)
}

/** What is told of a command that isn't one. `also` are names that are known besides those of the table. */
export function unknownCommand(name: string, also: readonly string[] = []): Invalid {
  const suggestion = suggestCommand(name, also)
  return {
    kind: 'invalid',
    code: 'unknown-command',
    text: `There is no command ${quote(name)}`,
    remedy: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}/help lists all; to say it, begin with //`,
  }
}

function badUsage(command: Command): Input {
  return {
    kind: 'invalid',
    code: 'bad-usage',
    text: `${command.name} isn't used like that`,
    remedy: `Type ${explained(command)}`,
  }
}

/** The command that was probably meant. */
export function suggestCommand(name: string, also: readonly string[] = []): string | undefined {
  const typed = name.toLowerCase()
  const names = [...COMMANDS.map(command => command.name), ...also]
  return ELSEWHERE.get(typed) ?? nearest(typed, names)
}

function quote(name: string): string {
  return name.length <= MAX_QUOTED ? name : `${name.slice(0, MAX_QUOTED)}…`
}
