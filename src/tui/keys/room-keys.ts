/**
 * From room to room. The session is told, because what is asked next (`/who`, `/leave`) is about the room in view.
 */

import { activity } from '../layout/status-line.ts'
import { look, type ScreenEffect, type ScreenState } from '../model/state.ts'

/** Looks at a room that is open; nothing happens if there is none of this name. */
export function goTo(state: ScreenState, name: string | undefined): readonly ScreenEffect[] {
  if (name === undefined || name === state.active || !state.rooms.has(name)) return []
  look(state, name)
  state.switches.push(name)
  return [{ kind: 'input', input: { kind: 'join', room: name } }]
}

/** The room beside the one in view, round and round. */
export function goToNeighbour(state: ScreenState, step: 1 | -1): readonly ScreenEffect[] {
  const names = [...state.rooms.keys()]
  const at = names.indexOf(state.active ?? '')
  return goTo(state, names.at((at + step) % names.length))
}

/** Where something happened that matters most. */
export function goToActivity(state: ScreenState): readonly ScreenEffect[] {
  return goTo(state, activity(state)[0]?.room.name)
}
