/**
 * The command line as data, read from the parser itself: completion scripts and the manual page are generated
 * from it, so that they can't contradict `--help`.
 */

import type { Command, Option } from 'commander'
import { LOG_LEVELS } from '../../common/logger.ts'
import { OPTIONS } from '../../config/options.ts'

/** The values of an option, as far as a shell can complete them. */
export type ValueKind =
  | { readonly kind: 'any' | 'file' | 'folder' }
  | { readonly kind: 'words'; readonly words: readonly string[] }

export interface OptionOutline {
  /** `--name`, and `-h` if there is a short one. */
  readonly long: string
  readonly short?: string
  /** The name of its value, if it takes one. */
  readonly value?: string
  readonly values: ValueKind
  readonly times: 'once' | 'any'
  readonly help: string
}

export interface ArgumentOutline {
  /** As in usage: `ROOM`, `[TEXT…]`. */
  readonly usage: string
  readonly words: readonly string[]
}

export interface CommandOutline {
  readonly name: string
  readonly about: string
  readonly arguments: readonly ArgumentOutline[]
  readonly options: readonly OptionOutline[]
}

export interface ProgramOutline extends CommandOutline {
  readonly commands: readonly CommandOutline[]
}

/** Options whose values a shell can complete. */
const VALUES: Readonly<Record<string, ValueKind>> = {
  '--data': { kind: 'folder' },
  '--config': { kind: 'file' },
  '--log-level': { kind: 'words', words: LOG_LEVELS },
}

const REPEATABLE: ReadonlySet<string> = new Set(
  OPTIONS.filter(({ form }) => form.kind === 'list').map(({ flag }) => `--${flag}`),
)

export function outlineOf(program: Command): ProgramOutline {
  const commands = program.commands.map(command => commandOf(command))
  const names = commands.map(command => command.name)
  return {
    ...commandOf(program),
    commands: commands.map(command => (command.name === 'help' ? helpOf(command, names) : command)),
  }
}

/** Its argument is the name of any command. */
function helpOf(command: CommandOutline, words: readonly string[]): CommandOutline {
  return { ...command, arguments: command.arguments.map(argument => ({ ...argument, words })) }
}

function commandOf(command: Command): CommandOutline {
  const help = {
    long: '--help',
    short: '-h',
    values: { kind: 'any' },
    times: 'once',
    help: 'print this help',
  } as const
  return {
    name: command.name(),
    about: command.description(),
    arguments: command.registeredArguments.map(argument => {
      const name = `${argument.name()}${argument.variadic ? '…' : ''}`
      return { usage: argument.required ? name : `[${name}]`, words: argument.argChoices ?? [] }
    }),
    options: [...command.options.map(optionOf), help],
  }
}

function optionOf({ long, short, flags, description }: Option): OptionOutline {
  const name = long ?? ''
  const value = /<(.+)>/.exec(flags)?.[1]
  return {
    long: name,
    ...(short && { short }),
    ...(value !== undefined && { value }),
    values: VALUES[name] ?? { kind: 'any' },
    times: REPEATABLE.has(name) ? 'any' : 'once',
    help: description,
  }
}

// What help says besides commands and options.

export const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'success'],
  ['1', 'failure'],
  ['2', 'wrong usage or configuration'],
  ['3', 'not delivered in time (send)'],
  ['130', 'interrupted twice'],
]

export const MORE_HELP = `
Without a command, parley asks for a username and a helper on its first start and joins the room lobby.
Every option can also be given as an environment variable (--log-level is PARLEY_LOG_LEVEL) or, with --config,
in a file. parley config shows what is in effect and where it came from.

Exit codes: ${EXIT_CODES.map(([code, meaning]) => `${code} ${meaning}`).join(', ')}.`
