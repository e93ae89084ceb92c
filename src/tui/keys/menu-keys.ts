/**
 * Tab: one choice is taken at once, of several the first is put into the line and the others are shown. Tab goes
 * on, Esc takes it back, and anything else is typed behind what was chosen.
 */
import { COMMANDS } from '../../api/command-table.ts'
import { showName } from '../../text/name-book.ts'
import { type Completion, complete, type Known } from '../editor/completion.ts'
import { type Line, splice } from '../editor/line-editor.ts'
import type { RoomView } from '../model/room-view.ts'
import { activeRoom, type Mode, type ScreenEffect, type ScreenState, TYPING } from '../model/state.ts'
import type { TypedKey } from './key.ts'
import { LOCAL_COMMANDS } from './local-commands.ts'

type Menu = Extract<Mode, { kind: 'menu' }>

/** Offers what the word before the cursor could be. */
export function openMenu(state: ScreenState): void {
  const room = activeRoom(state)
  const { line } = room
  const completion = complete(line.text, line.cursor, knownIn(state, room))
  if (completion === undefined) return
  room.line = chosen(line, completion, 0)
  if (completion.choices.length > 1) state.mode = { kind: 'menu', completion, at: 0, before: line }
}

/** Undefined: the key isn't the menu's, which is closed now. */
export function menuKey(state: ScreenState, menu: Menu, key: TypedKey): readonly ScreenEffect[] | undefined {
  const room = activeRoom(state)
  const step = key.kind === 'chord' ? STEPS.get(key.chord) : undefined
  if (step !== undefined) {
    const { length } = menu.completion.choices
    const at = (menu.at + step + length) % length
    room.line = chosen(menu.before, menu.completion, at)
    state.mode = { ...menu, at }
    return []
  }
  state.mode = TYPING
  if (key.kind !== 'chord') return undefined
  if (key.chord === 'Esc' || key.chord === 'C-g') room.line = menu.before
  // Enter takes the choice and sends nothing yet
  return ['Esc', 'C-g', 'Enter'].includes(key.chord) ? [] : undefined
}

const STEPS: ReadonlyMap<string, 1 | -1> = new Map([
  ['Tab', 1],
  ['Down', 1],
  ['S-Tab', -1],
  ['Up', -1],
])

function chosen(line: Line, { start, end, choices }: Completion, at: number): Line {
  return splice(line, start, end, choices[at]?.text ?? '')
}

function knownIn(state: ScreenState, room: RoomView): Known {
  const spoke = [...room.speakers.values()].reverse()
  const present = [...room.people.values()].map(({ name }) => name)
  const commands = new Map([...COMMANDS, ...LOCAL_COMMANDS].map(({ name, help }) => [name, help]))
  return {
    names: [...new Set([...spoke, ...present])].map(showName),
    rooms: [...state.rooms.keys()],
    commands: [...commands].map(([text, about]) => ({ text, about })),
    settings: state.deps.choices,
  }
}
