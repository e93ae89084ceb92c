/**
 * The newest messages of a room: all of them, or those that say something, or the nth of them. What only amends others
 * lies between them in the log, so a little more is read than is wanted, and more again where that isn't enough.
 */
import { isAmending } from '../protocol/content.ts'
import type { Envelope } from '../protocol/envelope.ts'
import { compare } from '../protocol/order.ts'
import type { Told } from './events.ts'
import type { Entry } from './log.ts'
import type { RoomState } from './state.ts'

type Parts = Pick<RoomState, 'log' | 'placing' | 'annals'>

/** Read beyond what is wanted at first, and how much more each time. */
const SOME_MORE = 32
const TIMES = 4

/** No more messages than this are looked through for what somebody wants by its place. */
const MOST = 65_536

/** The newest messages held, in their order, those included whose predecessors are missing. */
export function newestOf({ log, placing }: Parts, count: number): readonly Entry[] {
  const all = [...log.latest(count), ...placing.waiting.all]
  return all.sort((a, b) => compare(a.envelope, b.envelope)).slice(Math.max(0, all.length - count))
}

/** Of the newest messages, in their order, the last `count` that aren't there only to amend others. */
export function newestSaid(room: Parts, count: number): readonly Envelope[] {
  for (let window = count + SOME_MORE; ; window *= TIMES) {
    const all = newestOf(room, window).map(entry => entry.envelope)
    const said = all.filter(one => !isAmending(one.kind))
    if (said.length >= count || all.length < window || window >= MOST) return said.slice(-count)
  }
}

/** The nth newest message, from 1, of those that are wanted and still say something. */
export function nthSaid(
  room: Parts,
  nth: number,
  isWanted: (envelope: Envelope) => boolean,
): Told | undefined {
  for (let count = nth; ; count *= TIMES) {
    const newest = newestSaid(room, count)
    const wanted = newest.filter(isWanted).filter(envelope => {
      const standing = room.annals.standingOf(envelope, 'words')
      return standing !== undefined && standing.deleted === undefined
    })
    const envelope = wanted.at(-nth)
    const standing = envelope && room.annals.standingOf(envelope, 'whole')
    if (envelope !== undefined) return standing && { envelope, standing }
    if (newest.length < count || count >= MOST) return undefined
  }
}
