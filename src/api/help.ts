/**
 * The help that `/help` shows, written by the table of commands itself.
 */
import { suggestCommand } from './command-parser.ts'
import { COMMANDS, type Command, explained, findCommand, SECTIONS } from './command-table.ts'

/** Lines that aren't commands. */
export const TALK: readonly Pick<Command, 'usage' | 'help' | 'section'>[] = [
  { usage: 'TEXT', help: 'is sent to the room', section: 'Talking' },
  { usage: '//TEXT', help: 'is sent with one slash, when a text begins with one', section: 'Talking' },
]

/** Columns of the longest usage and a gap. */
const USAGE_WIDTH = Math.max(...[...TALK, ...COMMANDS].map(row => row.usage.length)) + '  '.length

/** All commands by section, or the one named by `topic` (`nick` or `/nick`). Lines are joined by `\n`. */
export function helpText(topic?: string): string {
  if (topic === undefined) return SECTIONS.map(helpOfSection).join('\n')
  const command = findCommand(topic)
  if (command !== undefined) return explained(command)
  const suggestion = suggestCommand(topic.startsWith('/') ? topic : `/${topic}`)
  return `There is no such command.${suggestion === undefined ? '' : ` Did you mean ${suggestion}?`} /help lists all.`
}

function helpOfSection(section: Command['section']): string {
  const rows = [...TALK, ...COMMANDS].filter(row => row.section === section)
  return [section, ...rows.map(row => `  ${row.usage.padEnd(USAGE_WIDTH)}${row.help}`)].join('\n')
}
