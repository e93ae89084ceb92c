/**
 * Commands about the screen itself, which the session doesn't know: settings, notifications, help on keys.
 * They are carried out here, and have the same form as those of `api/command-table.ts`.
 */
import { helpText } from '../../api/command-parser.ts'
import { usageLine } from '../../api/command-table.ts'
import { unseenClause } from '../../room/names/character-name.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import { addTellRow } from '../model/event-reducer.ts'
import type { RoomLevel, ScreenEffect, ScreenSettings, ScreenState } from '../model/state.ts'
import { activeRoom, levelOf, ROOM_LEVELS } from '../model/state.ts'

interface LocalCommand {
  readonly name: string
  readonly usage: string
  readonly help: string
  readonly run: (state: ScreenState, rest: string, now: number) => readonly ScreenEffect[]
}

export const LOCAL_COMMANDS: readonly LocalCommand[] = [
  {
    name: '/set',
    usage: '/set [KEY VALUE]',
    help: 'show or change how the screen looks and what notifies you; saved',
    run: set,
  },
  {
    name: '/notify',
    usage: '/notify [all|mentions|none]',
    help: 'choose what notifies you in this room; saved',
    run: notify,
  },
  {
    name: '/mute',
    usage: '/mute',
    help: 'turn notifications of this room off or on; saved',
    run: mute,
  },
  {
    name: '/clear',
    usage: '/clear',
    help: 'clear the window; the log keeps everything, and PageUp shows it again',
    run: clear,
  },
  { name: '/help', usage: '/help [COMMAND|keys]', help: 'show all commands, one, or the keys', run: help },
]

const byName: ReadonlyMap<string, LocalCommand> = new Map(
  LOCAL_COMMANDS.map(command => [command.name, command]),
)

/** Carries out a line if it is one of these; undefined if it isn't. */
export function runLocal(state: ScreenState, line: string, now: number): readonly ScreenEffect[] | undefined {
  const [, name = '', rest = ''] = /^(\/\S+)\s*(.*)$/s.exec(line) ?? []
  return byName.get(name.toLowerCase())?.run(state, rest.trim(), now)
}

function help(state: ScreenState, rest: string, now: number): readonly ScreenEffect[] {
  const local = byName.get(rest.startsWith('/') ? rest : `/${rest}`)
  const text = rest === '' ? allHelp() : /^keys$/i.test(rest) ? KEY_HELP : undefined
  const one = local === undefined ? helpText(rest) : usageLine(local)
  addTellRow(state, 'info', sanitiseLines(text ?? one), now)
  const room = activeRoom(state)
  room.showFirst = room.transcript.rows.at(-1)
  return []
}

function allHelp(): string {
  const width = Math.max(...LOCAL_COMMANDS.map(({ usage }) => usage.length)) + 2
  const rows = LOCAL_COMMANDS.map(({ usage, help: text }) => `  ${usage.padEnd(width)}${text}`)
  return [helpText(), 'This screen', ...rows, KEY_HELP].join('\n')
}

function sanitiseLines(text: string): readonly string[] {
  return text.split('\n').map(sanitiseLine)
}

function set(state: ScreenState, rest: string, now: number): readonly ScreenEffect[] {
  const [key = '', ...words] = rest.split(/\s+/)
  if (words.length === 0) return addTellRow(state, 'info', shownSettings(state, key), now)
  const result = state.deps.change(state.settings, key, words.join(' '))
  if (result.kind === 'invalid') {
    return addTellRow(state, 'trouble', [sanitiseLine(`${result.text}. ${result.remedy}`)], now)
  }
  addTellRow(state, 'info', [sanitiseLine(`${key} is ${words.join(' ')} now, and remembered`)], now)
  return save(state, result.settings)
}

function shownSettings({ settings, deps }: ScreenState, only: string): readonly string[] {
  const keys = [...deps.choices.keys()].filter(key => only === '' || key === only)
  if (keys.length === 0)
    return [
      sanitiseLine(
        `there is no setting ${only}${unseenClause(only)}. There are ${[...deps.choices.keys()].join(', ')}`,
      ),
    ]
  const values = new Map<string, unknown>(Object.entries(settings))
  return keys.map(key => `${key} ${String(values.get(key))} (${deps.choices.get(key)?.join(', ')})`)
}

function notify(state: ScreenState, rest: string, now: number): readonly ScreenEffect[] {
  const room = activeRoom(state).name
  if (room === '') return addTellRow(state, 'trouble', ['you are in no room. Join one: /join ROOM'], now)
  const level = ROOM_LEVELS.find(known => known === rest.toLowerCase())
  if (level !== undefined) return setLevel(state, room, level, now)
  if (rest === '') return addTellRow(state, 'info', [levelText(room, levelOf(state.settings, room))], now)
  const text = `/notify takes ${ROOM_LEVELS.join(', ')}, not ${rest}${unseenClause(rest)}`
  return addTellRow(state, 'trouble', [sanitiseLine(text)], now)
}

function mute(state: ScreenState, _: string, now: number): readonly ScreenEffect[] {
  const room = activeRoom(state).name
  if (room === '') return notify(state, '', now)
  const isMuted = levelOf(state.settings, room) === 'none'
  return setLevel(state, room, isMuted ? 'mentions' : 'none', now)
}

function setLevel(state: ScreenState, room: string, level: RoomLevel, now: number): readonly ScreenEffect[] {
  addTellRow(state, 'info', [levelText(room, level)], now)
  return save(state, { ...state.settings, rooms: { ...state.settings.rooms, [room]: level } })
}

function levelText(room: string, level: RoomLevel): string {
  switch (level) {
    case 'all':
      return `every message in ${room} makes itself heard`
    case 'mentions':
      return `in ${room}, what speaks to you makes itself heard`
    case 'none':
      return `${room} is muted: nothing in it makes itself heard`
  }
}

function save(state: ScreenState, settings: ScreenSettings): readonly ScreenEffect[] {
  state.settings = settings
  return [{ kind: 'save', settings }]
}

function clear(state: ScreenState): readonly ScreenEffect[] {
  const room = activeRoom(state)
  room.transcript.clear()
  room.earlier = 'unasked'
  room.follow()
  return []
}

// The key help, for `/help` and the first start.

const KEY_HELP = `Keys: the window
  PageUp, PageDown       scroll; C-Home and C-End to the beginning and the end
  M-u                    to what is unread
  M-s (C-f on no text)   search in this room; Up and Down go through what is found
  M-1 to M-9             the room of this number; M-Left, M-Right, C-p, C-n the one beside
  M-a                    the next room where something happened, those that speak to you first
  M-Up                   pick a message: r answers it, + reacts; e edits and d deletes your own
  C-l                    draw the screen anew; C-z put parley to sleep; C-c leave
Keys: the line
  Enter                  send; M-Enter (or C-j) another line
  Tab, S-Tab             complete names, commands, rooms and :emoji
  Up, Down               what you typed before; C-r searches in it: again C-r older, C-s newer,
                         Enter sends what was found, Esc takes it into the line, C-g goes back
  C-a C-e C-b C-f        to the beginning, to the end, a character back and forward; M-b M-f by words
  C-h C-d C-k C-u C-w    delete before and behind, kill to the end, to the beginning, to a blank; M-d M-BS words
  C-y M-y C-t C-_        yank, what was killed before that, exchange two characters, undo`

/** One screen, shown once. */
export const FIRST_HINT: readonly string[] = [
  'Welcome. Type, press Enter, and everybody in this room reads it.',
  '',
  '/help      all commands and keys; what begins with / is never sent',
  '/who       who is here',
  '/join ROOM another room; Alt-1, Alt-2 … go from one to another',
  'Tab        completes names, commands and :emoji',
  'PageUp     what was said before; Ctrl-F searches',
  '/quit      leave, as Ctrl-C does',
  '',
  'The line at the bottom tells whether you are connected. If nobody is here: others need the same room and helper, or ' +
    'the same local network. What you say meanwhile is kept and reaches them when they come.',
  '',
  'How this looks: /set. Without it: parley --plain or --prompt.',
]
