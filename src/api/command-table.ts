/**
 * The commands of a room as a table: usage, one line of help, and the parser of the arguments. Help, usage
 * errors, suggestions and the parser all use this one table; the session carries commands out.
 */
import { checkName, checkRoom } from '../room/names/names.ts'
import { readDelete, readEdit, readReact, readReply } from './command-arguments.ts'
import type { Input } from './inputs.ts'

/** The sections of the help, in order. */
export const SECTIONS = ['Talking', 'People', 'Rooms', 'Looking back', 'Else'] as const

export interface Command {
  /** With the slash: `/nick`. */
  readonly name: string
  /** `/nick NAME`; optional arguments in brackets. */
  readonly usage: string
  readonly help: string
  readonly section: (typeof SECTIONS)[number]
  /** Parses the trimmed arguments; undefined if they don't fit the usage. */
  readonly parse: (rest: string) => Input | undefined
}

/** A command in one line: `/nick NAME: change your username`. */
export function usageLine({ usage, help }: Pick<Command, 'usage' | 'help'>): string {
  return usage.endsWith(':') ? `${usage} – ${help}` : `${usage}: ${help}`
}

/** The default of `/history`: two screens. */
const HISTORY_COUNT = 50

/** The most that it shows: `parley history` and a pager show more. */
export const MAX_HISTORY_COUNT = 10_000

/** How far back `/who-got` can count. */
const MAX_NTH = 1_000

export const COMMANDS: readonly Command[] = [
  {
    name: '/me',
    usage: '/me ACTION',
    help: 'say what you do: "/me waves" shows as "* alice waves"',
    section: 'Talking',
    parse: withArgument(text => ({ kind: 'act', text })),
  },
  {
    name: '/reply',
    usage: '/reply N TEXT',
    help: 'answer the Nth last message',
    section: 'Talking',
    parse: withArgument(readReply),
  },
  {
    name: '/edit',
    usage: '/edit [N] TEXT',
    help: 'change your last message, or your Nth last',
    section: 'Talking',
    parse: withArgument(readEdit),
  },
  {
    name: '/delete',
    usage: '/delete [N]',
    help: 'delete your last message, or your Nth last (copies may exist)',
    section: 'Talking',
    parse: readDelete,
  },
  {
    name: '/react',
    usage: '/react [N] :EMOJI:',
    help: 'react to the last message, or the Nth last; repeat it to take it back',
    section: 'Talking',
    parse: withArgument(readReact),
  },
  {
    name: '/who',
    usage: '/who',
    help: 'list who is here',
    section: 'People',
    parse: withoutArguments({ kind: 'who' }),
  },
  {
    name: '/nick',
    usage: '/nick NAME',
    help: 'change your username',
    section: 'People',
    parse: withArgument(readNick),
  },
  {
    name: '/peers',
    usage: '/peers',
    help: 'show how each person is connected: path, transport, round trip, since when',
    section: 'People',
    parse: withoutArguments({ kind: 'peers' }),
  },
  {
    name: '/why',
    usage: '/why NAME',
    help: "explain why somebody is or isn't connected",
    section: 'People',
    parse: withArgument(name => ({ kind: 'why', name })),
  },
  {
    name: '/who-got',
    usage: '/who-got [N]',
    help: 'show who has your last message, or the Nth last',
    section: 'People',
    parse: withCount({ standard: 1, most: MAX_NTH }, nth => ({ kind: 'who-got', nth })),
  },
  {
    name: '/ignore',
    usage: '/ignore NAME',
    help: 'hide what somebody writes',
    section: 'People',
    parse: withArgument(name => ({ kind: 'ignore', name })),
  },
  {
    name: '/unignore',
    usage: '/unignore NAME',
    help: 'show again what somebody writes',
    section: 'People',
    parse: withArgument(name => ({ kind: 'unignore', name })),
  },
  {
    name: '/join',
    usage: '/join ROOM',
    help: 'join another room as well, and make it the current one',
    section: 'Rooms',
    parse: withArgument(readRoom),
  },
  {
    name: '/leave',
    usage: '/leave',
    help: 'leave this room',
    section: 'Rooms',
    parse: withoutArguments({ kind: 'leave' }),
  },
  {
    name: '/rooms',
    usage: '/rooms',
    help: 'list the rooms you are in',
    section: 'Rooms',
    parse: withoutArguments({ kind: 'rooms' }),
  },
  {
    name: '/history',
    usage: '/history [N]',
    help: `show the last N messages of this room (default: ${HISTORY_COUNT})`,
    section: 'Looking back',
    parse: withCount({ standard: HISTORY_COUNT, most: MAX_HISTORY_COUNT }, n => ({
      kind: 'history',
      count: n,
    })),
  },
  {
    name: '/search',
    usage: '/search WORDS',
    help: 'find messages of this room that contain these words',
    section: 'Looking back',
    parse: withArgument(words => ({ kind: 'search', words })),
  },
  {
    name: '/expand',
    usage: '/expand [N]',
    help: 'show the whole last block of program output, or the Nth last',
    section: 'Looking back',
    parse: withCount({ standard: 1, most: MAX_NTH }, nth => ({ kind: 'expand', nth })),
  },
  {
    name: '/help',
    usage: '/help [COMMAND]',
    help: 'show all commands, or one',
    section: 'Else',
    parse: topic => (topic === '' ? { kind: 'help' } : { kind: 'help', topic }),
  },
  {
    name: '/quit',
    usage: '/quit',
    help: 'leave all rooms and exit',
    section: 'Else',
    parse: withoutArguments({ kind: 'quit' }),
  },
]

const byName: ReadonlyMap<string, Command> = new Map(COMMANDS.map(command => [command.name, command]))

/** The command of this name, in any case, with or without its slash. */
export function findCommand(name: string): Command | undefined {
  const lower = name.toLowerCase()
  return byName.get(lower.startsWith('/') ? lower : `/${lower}`)
}

/** A command without arguments. */
function withoutArguments(input: Input): Command['parse'] {
  return rest => (rest === '' ? input : undefined)
}

/** A command with a required argument. */
function withArgument(read: (rest: string) => Input | undefined): Command['parse'] {
  return rest => (rest === '' ? undefined : read(rest))
}

/** A command with an optional whole number of at least 1. */
function withCount(
  range: { readonly standard: number; readonly most: number },
  read: (n: number) => Input,
): Command['parse'] {
  return rest => {
    if (rest === '') return read(range.standard)
    const n = /^\d{1,9}$/.test(rest) ? Number(rest) : 0
    return n >= 1 && n <= range.most ? read(n) : undefined
  }
}

function readNick(raw: string): Input {
  const check = checkName(raw)
  if (check.kind === 'valid') return { kind: 'nick', name: check.name }
  return {
    kind: 'invalid',
    code: 'bad-name',
    text: `That name ${check.reason}`,
    remedy: 'Choose 1 to 32 visible characters',
  }
}

function readRoom(raw: string): Input {
  const check = checkRoom(raw)
  return check.kind === 'valid' ? { kind: 'join', room: check.room } : badRoom(check.reason)
}

/** The error for an invalid room name. */
export function badRoom(reason: string): Input {
  return {
    kind: 'invalid',
    code: 'bad-room',
    text: `That room name ${reason}`,
    remedy: 'Choose 1 to 32 letters, digits, ".", "_" or "-", beginning with a letter or a digit',
  }
}
