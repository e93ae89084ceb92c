/**
 * Parses a typed line. A line that begins with a slash is a command or a mistake and never becomes text, so
 * that a typing mistake isn't sent to the room; every other line is text.
 */

import { nearest } from '../common/spelling.ts'
import { unseenClause } from '../room/names/character-name.ts'
import type { Command } from './command-table.ts'
import { COMMANDS, findCommand, SECTIONS, usageLine } from './command-table.ts'
import type { Input } from './inputs.ts'

/** Characters of a mistyped command that are quoted; longer ones are no typing mistakes. */
const MAX_QUOTED = 40

/** Other chat programs' names of our commands: suggested, not accepted. */
const OTHER_PROGRAMS_NAMES: ReadonlyMap<string, string> = new Map([
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

/** One line with or without its line end. Undefined for an empty one. */
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
  const rest = end === -1 ? '' : line.slice(end).trim()
  return command.parse(rest) ?? badUsage(command, rest)
}

/** The error for an unknown command. `also` are known names besides the table's. */
export function unknownCommand(name: string, also: readonly string[] = []): Invalid {
  const suggestion = suggestCommand(name, also)
  return {
    kind: 'invalid',
    code: 'unknown-command',
    text: `There is no command ${quote(name)}${unseenClause(name)}`,
    remedy: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}/help lists all; to say it, begin with //`,
  }
}

function badUsage(command: Command, rest: string): Input {
  return {
    kind: 'invalid',
    code: 'bad-usage',
    text: `${command.name} isn't used like that${unseenClause(rest)}`,
    remedy: `Type ${usageLine(command)}`,
  }
}

/** The command that was probably meant. */
function suggestCommand(name: string, also: readonly string[] = []): string | undefined {
  const typed = name.toLowerCase()
  const names = [...COMMANDS.map(command => command.name), ...also]
  return OTHER_PROGRAMS_NAMES.get(typed) ?? nearest(typed, names)
}

function quote(name: string): string {
  return name.length <= MAX_QUOTED ? name : `${name.slice(0, MAX_QUOTED)}…`
}

/** The lines of the help that aren't commands. */
export const HELP_ONLY_LINES: readonly Pick<Command, 'usage' | 'help' | 'section'>[] = [
  { usage: 'TEXT', help: 'is sent to the room', section: 'Talking' },
  { usage: '//TEXT', help: 'is sent with one slash, when a text begins with one', section: 'Talking' },
]

/** Columns of the longest usage and a gap. */
const USAGE_WIDTH = Math.max(...[...HELP_ONLY_LINES, ...COMMANDS].map(row => row.usage.length)) + '  '.length

/**
 * The help that `/help` shows, generated from the command table: all commands by section, or the one named by
 * `topic` (`nick` or `/nick`). Lines are joined by `\n`.
 */
export function helpText(topic?: string): string {
  if (topic === undefined) return SECTIONS.map(helpOfSection).join('\n')
  const command = findCommand(topic)
  if (command !== undefined) return usageLine(command)
  const suggestion = suggestCommand(topic.startsWith('/') ? topic : `/${topic}`)
  return `There is no such command.${suggestion === undefined ? '' : ` Did you mean ${suggestion}?`} /help lists all.`
}

function helpOfSection(section: Command['section']): string {
  const rows = [...HELP_ONLY_LINES, ...COMMANDS].filter(row => row.section === section)
  return [section, ...rows.map(row => `  ${row.usage.padEnd(USAGE_WIDTH)}${row.help}`)].join('\n')
}
