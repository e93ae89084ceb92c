/**
 * The command line: its commands and options, and the module that carries each command out. Those modules are
 * loaded when their command runs, so that `parley --version` answers at once.
 */

import { Argument, Command, CommanderError } from 'commander'
import type { ParleyError } from '../common/errors.ts'
import { settingsError, shown, unknownName } from '../config/errors.ts'
import type { Flags } from '../config/layers.ts'
import type { OptionSpec, Role } from '../config/options.ts'
import { OPTIONS, optionsOf } from '../config/options.ts'
import type { Environment } from '../config/platform.ts'
import type { OutputForm } from '../config/types.ts'
import type { Shell } from './documentation/completion.ts'
import { completionScript, SHELLS } from './documentation/completion.ts'
import { MORE_HELP, outlineOf } from './documentation/outline.ts'
import { addOptions, givenFlags } from './input/options.ts'
import type { Io } from './io.ts'
import { reportFailure } from './output/stderr.ts'
import { VERSION } from './version.ts'

/** Carries out the command line (without node and script). Resolves with the exit code; never rejects. */
export async function run(words: readonly string[], io: Io): Promise<number> {
  let exitCode = 0
  const program = programOf(io, code => {
    exitCode = code
  })
  try {
    await program.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return reportFailure(error, io, formOf(words, io.env))
  }
}

/** A command's action: returns its exit code for its arguments, options and name. */
type Action = (command: Command, flags: Flags) => Promise<number>

function programOf(io: Io, finish: (exitCode: number) => void): Command {
  const program = new Command('parley')
  const act = (command: Command, action: Action) =>
    command.allowExcessArguments().action(async () => {
      finish(await action(command, givenFlags(command)))
    })
  program
    .description('Peer-to-peer chat rooms: encrypted and direct, with no server that sees a message')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .enablePositionalOptions()
    .addHelpText('after', MORE_HELP)
    .configureOutput({ writeOut: text => io.stdout.write(text), writeErr: () => {} })
    .exitOverride(error => onParserError(error, program))
  addOptions(program, optionsOf('peer'))
  act(program, (command, flags) => chatWithQuestions(command, flags, io))
  for (const add of [
    addJoin,
    addSend,
    addTail,
    addHistory,
    addHelper,
    addId,
    addDoctor,
    addConfig,
    addCompletion,
    addHelp,
  ]) {
    const command = add(program, act, io)
    command.exitOverride(error => onParserError(error, command))
  }
  return program
}

/** Help and version end the parsing successfully; everything else is the user's mistake. */
function onParserError(error: CommanderError, command: Command): never {
  throw error.exitCode === 0 ? error : usageFailure(error, command)
}

type Act = (command: Command, action: Action) => Command

async function chatWithQuestions(program: Command, flags: Flags, io: Io): Promise<number> {
  const [word] = program.args
  if (word !== undefined) throw unknownCommandFailure(word, program)
  const { join } = await import('./commands/join.ts')
  return join({ flags, questions: 'first-start' }, io)
}

function addJoin(program: Command, act: Act, io: Io): Command {
  const command = program
    .command('join')
    .description('join a room and chat')
    .argument('[ROOM]', 'the room (default: lobby)')
  return act(addOptions(command, optionsOf('peer')), async (_, flags) => {
    const [room] = wordsOf(command)
    const { join } = await import('./commands/join.ts')
    return join({ flags, questions: 'never', ...(room === undefined ? {} : { room }) }, io)
  })
}

function addHelper(program: Command, act: Act, io: Io): Command {
  const command = program
    .command('helper')
    .description('run a helper, through which peers find each other; it joins no room and sees no message')
  return act(addOptions(command, optionsOf('helper')), async (_, flags) => {
    wordsOf(command)
    refuseForeignOptions(flags, 'helper')
    const { helper } = await import('./commands/helper.ts')
    return helper(flags, io)
  })
}

function addSend(program: Command, act: Act, io: Io): Command {
  const command = program
    .command('send')
    .description('send a text, or each line of standard input, and exit once others have it')
    .argument('<ROOM>', 'the room')
    .argument('[TEXT...]', 'what to send; without it, each line of standard input')
    .option('--code', 'send what a program wrote, as a block that others see folded')
    .option('--wait <N>', 'how many peers must hold each message (default: 1; 0 waits for nobody)')
    .option('--timeout <TIME>', 'how long to wait for them: 500ms, 10s, 5m (default: 10s)')
  return act(addOptions(command, optionsOf('peer')), async (_, flags) => {
    const [room = '', ...words] = command.args
    const { send } = await import('./commands/send.ts')
    const own = command.opts<{ code?: true; wait?: string; timeout?: string }>()
    return send({ flags, room, words, ...own }, io)
  })
}

function addTail(program: Command, act: Act, io: Io): Command {
  const command = program
    .command('tail')
    .description('print the last messages of a room, then new ones until interrupted')
    .argument('<ROOM>', 'the room')
    .option('--history <N>', 'how many of the last messages to print first (default: 10)')
  return act(addOptions(command, optionsOf('peer')), async (_, flags) => {
    const [room = ''] = wordsOf(command)
    const { tail } = await import('./commands/tail.ts')
    return tail({ flags, room, ...command.opts<{ history?: string }>() }, io)
  })
}

function addHistory(program: Command, act: Act, io: Io): Command {
  const command = program
    .command('history')
    .description('print the stored messages of a room, without using the network')
    .argument('<ROOM>', 'the room')
    .option('--search <WORDS>', 'only messages that have all of these words, or words that begin so')
    .option('--limit <N>', 'only the newest N (default: 50; with --since or --json, all)')
    .option('--since <TIME>', 'only from then on: 2026-11-22, "2026-11-22 14:03", 14:03, yesterday, 2h')
  return act(addOptions(command, optionsOf('peer')), async (_, flags) => {
    const [room = ''] = wordsOf(command)
    const { history } = await import('./commands/history.ts')
    return history(
      { flags, room, ...command.opts<{ search?: string; limit?: string; since?: string }>() },
      io,
    )
  })
}

function addId(program: Command, act: Act, io: Io): Command {
  const command = program
    .command('id')
    .description('show your username, public key, fingerprint and data folder')
  return addBareAction(command, act, async flags => (await import('./commands/id.ts')).id(flags, io))
}

function addDoctor(program: Command, act: Act, io: Io): Command {
  const command = program.command('doctor').description('check the setup, and say how to fix what is wrong')
  return addBareAction(command, act, async flags => (await import('./commands/doctor.ts')).doctor(flags, io))
}

/** A command of peers without words and options of its own. */
function addBareAction(command: Command, act: Act, run: (flags: Flags) => Promise<number>): Command {
  return act(addOptions(command, optionsOf('peer')), async (_, flags) => {
    wordsOf(command)
    return await run(flags)
  })
}

function addConfig(program: Command, act: Act, io: Io): Command {
  const roles: readonly Role[] = ['peer', 'helper']
  const command = program
    .command('config')
    .description('show the effective configuration and where each value comes from')
    .addArgument(new Argument('[ROLE]', 'whose configuration').choices(roles).default('peer'))
  return act(addOptions(command, OPTIONS), async (_, flags) => {
    const role = wordsOf(command)[0] === 'helper' ? 'helper' : 'peer'
    refuseForeignOptions(flags, role)
    const { config } = await import('./commands/config.ts')
    return config(role, flags, io)
  })
}

function addCompletion(program: Command, act: Act, io: Io): Command {
  const command = program
    .command('completion')
    .description('print the completion script for a shell')
    .addArgument(new Argument('<SHELL>', 'which shell').choices(SHELLS))
  return act(command, async () => {
    const [shell] = wordsOf(command)
    io.stdout.write(completionScript(shell as Shell, outlineOf(program)))
    return 0
  })
}

function addHelp(program: Command, act: Act, io: Io): Command {
  const command = program
    .command('help')
    .description('show help for a command')
    .argument('[COMMAND]')
    .option('--man', 'print the manual page, in roff')
  return act(command, async () => {
    const [name] = wordsOf(command)
    if (command.opts<{ man?: true }>().man === true) {
      const { manualPage } = await import('./documentation/manual-page.ts')
      io.stdout.write(manualPage(outlineOf(program), VERSION))
      return 0
    }
    const about = name === undefined ? program : program.commands.find(known => known.name() === name)
    if (about === undefined) throw unknownCommandFailure(name ?? '', program)
    io.stdout.write(about.helpInformation() + (about === program ? `${MORE_HELP}\n` : ''))
    return 0
  })
}

/** The words given to the command, at most as many as it takes. */
function wordsOf(command: Command): readonly string[] {
  const excess = command.args.slice(command.registeredArguments.length)
  if (excess.length > 0) throw excessWordsFailure(excess, command)
  return command.args
}

/** The chosen format, even if the rest of the command line or the configuration is wrong. */
function formOf(words: readonly string[], env: Environment): OutputForm {
  const variable = env['PARLEY_JSON'] ?? ''
  return words.includes('--json') || /^(1|true|yes|on)$/i.test(variable) ? 'json' : 'auto'
}

// Usage errors, reported like every other wrong setting: which word, where, what fits.

/** A parser error about this command as a failure with exit code 2. */
function usageFailure(error: CommanderError, command: Command): ParleyError {
  const subject = subjectOf(error)
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownOptionFailure(subject, command)
    case 'commander.optionMissingArgument':
      return settingsError(
        'option-incomplete',
        `${subject} needs a value`,
        `Run: ${pathOf(command)} --help`,
        error,
      )
    default:
      return settingsError(
        'bad-usage',
        error.message.replace(/^error: /, ''),
        `Run: ${pathOf(command)} --help`,
        error,
      )
  }
}

/** Words after the last one that the command takes. */
function excessWordsFailure(words: readonly string[], command: Command): ParleyError {
  const fits = command.registeredArguments.map(argumentText).join(' ') || 'no words'
  const asked = words.map(word => shown(word)).join(' ')
  return settingsError(
    'bad-usage',
    `${pathOf(command)} can't take ${asked}`,
    `What fits after it: ${fits} and options`,
  )
}

function argumentText(argument: Argument): string {
  return argument.required ? argument.name() : `[${argument.name()}]`
}

/** `parley jion`. */
function unknownCommandFailure(name: string, program: Command): ParleyError {
  const known = program.commands.map(command => command.name())
  return unknownName('unknown-command', `the command ${shown(name)}`, name, known)
}

/** Refuses options before the command that it doesn't have: `parley --name ann helper`. */
function refuseForeignOptions(flags: Flags, role: Role): void {
  const foreign = OPTIONS.find(option => option.flag in flags && !option.roles.includes(role))
  if (foreign !== undefined) throw foreignOptionFailure(foreign)
}

function unknownOptionFailure(name: string, command: Command): ParleyError {
  const known = command.options.map(option => option.long ?? option.short ?? '')
  const other = OPTIONS.find(option => `--${option.flag}` === name)
  if (other !== undefined) return foreignOptionFailure(other)
  return unknownName('unknown-option', `the option ${name} of ${pathOf(command)}`, name, [...known, '--help'])
}

function foreignOptionFailure(option: OptionSpec): ParleyError {
  const owner = option.roles.includes('peer') ? 'parley join' : 'parley helper'
  return settingsError('wrong-role', `--${option.flag} is an option of ${owner} only`, `Run: parley help`)
}

/** The parser quotes the subject of its error, sometimes with the placeholder of its value. */
function subjectOf(error: CommanderError): string {
  const quoted = /'(?<subject>.*)'/s.exec(error.message)?.groups?.['subject'] ?? error.message
  return quoted.replace(/ <.*>$/, '')
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
