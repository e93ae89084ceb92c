/**
 * Who is here, beside a wide window: by name, and with a sign for those who aren't reached directly.
 */

import { fitTo } from '../../text/width.ts'
import type { RoomView } from '../model/room-view.ts'
import type { ScreenState } from '../model/state.ts'
import { type FrameLine, span } from './frame.ts'

/** From this width on there is room for it. */
export const WIDE = 90
/** Columns that it takes, with the line to its left. */
export const PEOPLE_COLUMNS = 20

/** `~` relayed, `?` by way of others: the same on every terminal. */
const SIGNS = { direct: ' ', relayed: '~', indirect: '?' } as const

/** Exactly so many lines. */
export function peopleList(state: ScreenState, room: RoomView, height: number): readonly FrameLine[] {
  const self = { peer: state.deps.self.peer, name: `${state.ownName} (you)` }
  const all = [self, ...room.peopleByName]
  const isCut = all.length > height
  const shown = all.slice(0, isCut ? height - 1 : height)
  const lines = shown.map(({ peer, name }) => {
    const path = peer === self.peer ? 'direct' : (state.paths.get(peer) ?? 'indirect')
    return entry(SIGNS[path], name, `person-${state.colours.find(peer)}`)
  })
  const rest = isCut ? [entry(' ', `and ${all.length - shown.length} more`, 'faint')] : []
  const blank = Array.from({ length: height - lines.length - rest.length }, () => entry(' ', '', 'faint'))
  return [...lines, ...rest, ...blank]
}

function entry(sign: string, name: string, style: 'faint' | `person-${number}`): FrameLine {
  return [span('│', 'faint'), span(sign, 'faint'), span(fitTo(name, PEOPLE_COLUMNS - 2), style)]
}
