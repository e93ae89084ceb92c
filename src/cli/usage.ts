/**
 * What the command-line parser refuses, told like every other wrong setting: which word, where, what fits.
 */
import type { Argument, Command, CommanderError } from 'commander'
import type { ParleyError } from '../common/errors.ts'
import { unknownName, wrong } from '../config/errors.ts'
import type { Flags } from '../config/layers.ts'
import { OPTIONS, type OptionSpec, type Role } from '../config/options.ts'

/** The parser's complaint about this command as a failure with exit code 2. */
export function usageFailure(error: CommanderError, command: Command): ParleyError {
  const subject = subjectOf(error)
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownOption(subject, command)
    case 'commander.optionMissingArgument':
      return wrong('option-incomplete', `${subject} needs a value`, `Run: ${pathOf(command)} --help`, error)
    default:
      return wrong(
        'bad-usage',
        error.message.replace(/^error: /, ''),
        `Run: ${pathOf(command)} --help`,
        error,
      )
  }
}

/** Words after the last one that the command takes. */
export function excessWords(words: readonly string[], command: Command): ParleyError {
  const fits = command.registeredArguments.map(argumentText).join(' ') || 'no words'
  const asked = words.map(word => JSON.stringify(word)).join(' ')
  return wrong(
    'bad-usage',
    `${pathOf(command)} can't take ${asked}`,
    `What fits after it: ${fits} and options`,
  )
}

function argumentText(argument: Argument): string {
  return argument.required ? argument.name() : `[${argument.name()}]`
}

/** `parley jion`. */
export function unknownCommand(name: string, program: Command): ParleyError {
  const known = program.commands.map(command => command.name())
  return unknownName('unknown-command', `the command ${JSON.stringify(name)}`, name, known)
}

/** Refuses options that stood before the command and are none of it: `parley --name ann helper`. */
export function refuseForeign(flags: Flags, role: Role): void {
  const foreign = OPTIONS.find(option => option.flag in flags && !option.roles.includes(role))
  if (foreign !== undefined) throw foreignOption(foreign)
}

function unknownOption(name: string, command: Command): ParleyError {
  const known = command.options.map(option => option.long ?? option.short ?? '')
  const other = OPTIONS.find(option => `--${option.flag}` === name)
  if (other !== undefined) return foreignOption(other)
  return unknownName('unknown-option', `the option ${name} of ${pathOf(command)}`, name, [...known, '--help'])
}

function foreignOption(option: OptionSpec): ParleyError {
  const owner = option.roles.includes('peer') ? 'parley join' : 'parley helper'
  return wrong('wrong-role', `--${option.flag} is an option of ${owner} only`, `Run: parley help`)
}

/** The parser names what it complains of in quotes, sometimes with the placeholder of its value. */
function subjectOf(error: CommanderError): string {
  const quoted = /'(?<subject>.*)'/s.exec(error.message)?.groups?.['subject'] ?? error.message
  return quoted.replace(/ <.*>$/, '')
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
