/**
 * The status line answers "am I connected": the room, who is here and how they are reached, the helper's
 * state, and activity in other rooms. In a narrow window, the least important parts go first.
 */
import { cutTo, fitTo, widthOf } from '../../text/width.ts'
import type { RoomView } from '../model/room-view.ts'
import type { ScreenState } from '../model/state.ts'
import { activeRoom, levelOf } from '../model/state.ts'
import type { FrameLine, Span, Style } from './frame.ts'
import { span } from './frame.ts'

interface StatusPart {
  readonly text: string
  /** A shorter form for narrow windows. */
  readonly short?: string
  readonly style: Style
  /** Parts with less weight go first. */
  readonly weight: number
}

const GAP = ' · '

/** The status line, exactly this wide. */
export function statusLine(state: ScreenState, columns: number): FrameLine {
  const room = activeRoom(state)
  const parts = [
    { text: room.name === '' ? 'no room' : room.name, style: 'status', weight: 9 } as const,
    ...peopleParts(state, room),
    ...helperParts(state, room),
    ...syncParts(state, room),
    ...belowParts(room),
    ...activityParts(state),
  ]
  return painted(fitting(parts, columns - 2), columns)
}

function peopleParts(state: ScreenState, room: RoomView): readonly StatusPart[] {
  if (state.phase === 'starting') return [{ text: 'starting…', style: 'status-alert', weight: 8 }]
  if (room.name === '') return []
  const others = room.people.size
  if (others === 0) return [{ ...aloneTexts(state), style: 'status-alert', weight: 8 }]
  return [
    { text: `${others + 1} here`, style: 'status-good', weight: 8 },
    { text: pathsText(state, room), style: 'status', weight: 4 },
  ]
}

function aloneTexts({ helper, deps }: ScreenState): Pick<StatusPart, 'text' | 'short'> {
  if (helper === 'connected') return { text: 'connected, nobody else here yet', short: 'connected, alone' }
  if (deps.helpers > 0) return { text: 'not connected' }
  return deps.lan === 'on'
    ? { text: 'nobody found yet on this network', short: 'nobody found yet' }
    : { text: 'nobody can be found: local discovery is off', short: 'nobody can be found' }
}

/** `2 direct, 1 relayed`. Members without a connection are heard through others. */
function pathsText({ paths }: ScreenState, { people }: RoomView): string {
  const counts = { direct: 0, relayed: 0, indirect: 0 }
  for (const peer of people.keys()) counts[paths.get(peer) ?? 'indirect'] += 1
  const parts = [
    ...(counts.direct > 0 ? [`${counts.direct} direct`] : []),
    ...(counts.relayed > 0 ? [`${counts.relayed} relayed`] : []),
    ...(counts.indirect > 0 ? [`${counts.indirect} by way of others`] : []),
  ]
  return parts.join(', ')
}

function helperParts({ helper, deps }: ScreenState, room: RoomView): readonly StatusPart[] {
  if (deps.helpers === 0) return [{ text: 'no helper', style: 'status', weight: 1 }]
  switch (helper) {
    case 'connected':
      return [{ text: 'helper ok', style: 'status', weight: 2 }]
    case 'waiting':
      return [{ text: 'looking for the helper…', style: 'status', weight: 5 }]
    case 'lost': {
      const isNeeded = room.people.size === 0
      const text = isNeeded ? 'helper down, trying again' : 'helper down, not needed'
      const short = isNeeded ? 'helper down' : 'helper down, ok'
      return [{ text, short, style: isNeeded ? 'status-alert' : 'status', weight: 5 }]
    }
  }
}

function syncParts({ settings }: ScreenState, { sync }: RoomView): readonly StatusPart[] {
  if (sync === undefined) return []
  const share = Math.floor((100 * sync.received) / Math.max(1, sync.expected))
  // a counting number is motion, too
  const text = settings.motion === 'reduced' ? 'fetching history' : `history ${share} %`
  return [{ text, style: 'status', weight: 5 }]
}

function belowParts({ anchor, below }: RoomView): readonly StatusPart[] {
  if (anchor === undefined) return []
  const text = below === 0 ? '↓ not at the end' : `↓ ${below} new below`
  return [{ text, style: below === 0 ? 'status' : 'status-alert', weight: 7 }]
}

/** Other rooms with activity: `2:tea 3`, and `3:dev 1@2` if two messages mention the user. */
function activityParts(state: ScreenState): readonly StatusPart[] {
  return activity(state).map(({ room, place }) => {
    const mentions = room.mentions === 0 ? '' : `@${room.mentions}`
    const counted = room.unread === 0 ? '' : ` ${room.unread}${mentions}`
    const style = room.mentions > 0 ? 'status-alert' : 'status'
    return { text: `${place}:${room.name}${counted}`, style, weight: room.mentions > 0 ? 6 : 3 }
  })
}

/** Other rooms with unread messages, those with mentions first, without muted ones. */
export function activity(state: ScreenState): readonly { readonly room: RoomView; readonly place: number }[] {
  return [...state.rooms.values()]
    .map((room, at) => ({ room, place: at + 1 }))
    .filter(({ room }) => room.name !== state.active && room.unread > 0)
    .filter(({ room }) => levelOf(state.settings, room.name) !== 'none')
    .toSorted((a, b) => b.room.mentions - a.room.mentions || a.place - b.place)
}

/** Drops the lightest parts until the rest fits. */
function fitting(parts: readonly StatusPart[], columns: number): readonly StatusPart[] {
  if (lengthOf(parts) <= columns) return parts
  let left = parts.map(part => ({ ...part, text: part.short ?? part.text }))
  while (left.length > 1 && lengthOf(left) > columns) {
    const least = left.reduce((a, b) => (b.weight < a.weight ? b : a))
    left = left.filter(part => part !== least)
  }
  return left
}

function lengthOf(parts: readonly StatusPart[]): number {
  return parts.reduce((sum, { text }) => sum + widthOf(text) + GAP.length, -GAP.length)
}

function painted(parts: readonly StatusPart[], columns: number): FrameLine {
  const spans: Span[] = [span(' ', 'status')]
  for (const [at, { text, style }] of parts.entries()) {
    if (at > 0) spans.push(span(GAP, 'status'))
    spans.push(span(cutTo(text, columns - 2), style))
  }
  const used = spans.reduce((sum, { text }) => sum + widthOf(text), 0)
  return [...spans, span(' '.repeat(Math.max(0, columns - used)), 'status')]
}

// The member list beside a wide window: names, with a sign for those without a direct connection.

/** The least width for it. */
export const WIDE_COLUMNS = 90
/** Its columns, including the line to its left. */
export const PEOPLE_COLUMNS = 20

/** `~` relayed, `?` through others: the same on every terminal. */
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
