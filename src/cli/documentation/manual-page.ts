/**
 * The manual page, in the man(7) macros, generated from `--help` and `/help`.
 */

import { HELP_ONLY_LINES } from '../../api/command-parser.ts'
import { COMMANDS, SECTIONS } from '../../api/command-table.ts'
import { ENVIRONMENT_PREFIX, environmentName, OPTIONS } from '../../config/options.ts'
import { LOCAL_COMMANDS } from '../../tui/keys/local-commands.ts'
import type { CommandOutline, OptionOutline, ProgramOutline } from './outline.ts'
import { EXIT_CODES } from './outline.ts'

/** The page. */
export function manualPage(program: ProgramOutline, version: string): string {
  const lines = [
    `.TH PARLEY 1 "" "parley ${roff(version)}" "User Commands"`,
    // names to copy must not be broken
    '.nh',
    '.SH NAME',
    `parley \\- ${roff(lowerFirst(program.about))}`,
    '.SH SYNOPSIS',
    ...synopsis(program),
    '.SH DESCRIPTION',
    ...DESCRIPTION.flatMap(paragraph => ['.PP', roff(paragraph)]),
    '.SH COMMANDS',
    ...program.commands.flatMap(command => commandLines(command, program)),
    '.SH OPTIONS',
    roff('Options of parley, and of each command to which they say something.'),
    ...sharedOptions(program).flatMap(optionLines),
    '.SH IN A ROOM',
    roff('A line of text is sent. A line that begins with a slash is a command.'),
    ...SECTIONS.flatMap(sectionLines),
    ...screenLines(),
    '.SH ENVIRONMENT',
    ...environmentLines(),
    '.SH EXIT STATUS',
    ...EXIT_CODES.flatMap(([code, meaning]) => tagged(code, meaning)),
    '.SH FILES',
    ...tagged(
      '~/.local/share/parley',
      'The data folder on Linux: the own key, the log of all rooms, and what is remembered. parley id names it anywhere.',
    ),
    '.SH EXAMPLES',
    ...EXAMPLES.flatMap(([what, command]) => [
      '.PP',
      roff(what),
      '.PP',
      '.nf',
      '.RS',
      roff(command),
      '.RE',
      '.fi',
    ]),
  ]
  return `${lines.join('\n')}\n`
}

const DESCRIPTION = [
  'A chat room in the terminal, whose members connect to each other directly over encrypted links. A helper lets them find each other: it joins no room and sees no message. On a local network none is needed.',
  'Without a command, parley asks for a username and a helper on its first start and joins the room lobby.',
]

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['Chat in the room tea:', 'parley join tea --name Ann --helper 203.0.113.7'],
  ['Tell a room how the tests went:', 'make test 2>&1 | parley send dev --code'],
  ['Look something up:', 'parley history dev --search "release friday" --since 2w'],
  ['Complete words with Tab:', 'source <(parley completion bash)'],
]

function synopsis(program: ProgramOutline): readonly string[] {
  const usages = program.commands.map(command => usageOf(command))
  return ['[\\fIOPTION\\fR]...', ...usages].flatMap(usage => ['.br', `\\fBparley\\fR ${usage}`]).slice(1)
}

function usageOf({ name, arguments: words }: CommandOutline): string {
  return [`\\fB${roff(name)}\\fR`, ...words.map(({ usage }) => `\\fI${roff(usage)}\\fR`)].join(' ')
}

/** A command with the options that it alone has. */
function commandLines(command: CommandOutline, program: ProgramOutline): readonly string[] {
  const shared = new Set(sharedOptions(program).map(option => option.long))
  const own = command.options.filter(option => !shared.has(option.long))
  const options = own.length === 0 ? [] : ['.RS', ...own.flatMap(optionLines), '.RE']
  return ['.TP', usageOf(command), roff(sentence(command.about)), ...options]
}

/** The options of settings, and those of every command. */
function sharedOptions(program: ProgramOutline): readonly OptionOutline[] {
  const flags = new Set([...OPTIONS.map(({ flag }) => `--${flag}`), '--help', '--version'])
  const all = [program, ...program.commands].flatMap(command => command.options)
  const byName = new Map(all.filter(({ long }) => flags.has(long)).map(option => [option.long, option]))
  return [...byName.values()]
}

function optionLines({ long, short, value, help }: OptionOutline): readonly string[] {
  const names = [...(short ? [short] : []), long].map(name => `\\fB${roff(name)}\\fR`).join(', ')
  const tag = value === undefined ? names : `${names} \\fI${roff(value)}\\fR`
  return ['.TP', tag, roff(sentence(help))]
}

function sectionLines(section: (typeof SECTIONS)[number]): readonly string[] {
  const rows = [...HELP_ONLY_LINES, ...COMMANDS].filter(row => row.section === section)
  return [`.SS ${roff(section)}`, ...rows.flatMap(({ usage, help }) => tagged(usage, sentence(help)))]
}

/** Commands of the full screen only; `/help` is among the others. */
function screenLines(): readonly string[] {
  const own = LOCAL_COMMANDS.filter(({ name }) => !COMMANDS.some(command => command.name === name))
  const rows = own.flatMap(({ usage, help }) => tagged(usage, sentence(help)))
  return ['.SS On the full screen', ...rows, '.PP', roff('/help keys lists the keys.')]
}

function environmentLines(): readonly string[] {
  const names = OPTIONS.map(option => environmentName(option)).join(', ')
  return [
    roff(`Every option is also a variable whose name begins with ${ENVIRONMENT_PREFIX}: ${names}.`),
    ...tagged('NO_COLOR, FORCE_COLOR, CLICOLOR, CLICOLOR_FORCE', 'Whether there are colours.'),
  ]
}

function tagged(tag: string, text: string): readonly string[] {
  return ['.TP', `\\fB${roff(tag)}\\fR`, roff(text)]
}

function sentence(text: string): string {
  const whole = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
}

/** Escapes a text for roff: ASCII only, no requests, and hyphens that stay hyphens when copied. */
function roff(text: string): string {
  const safe = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq')
  const ascii = safe.replaceAll(/[^\x20-\x7e]/gu, character => `\\[u${hexOf(character)}]`)
  return /^[.']/.test(ascii) ? `\\&${ascii}` : ascii
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}
