/**
 * How a room handles messages: from its user, from gossip and from sync sessions.
 */
import type { Instant } from '../common/clock.ts'
import type { Amendment, Said } from '../protocol/content.ts'
import { isAmending, ownText } from '../protocol/content.ts'
import type { Envelope } from '../protocol/envelope.ts'
import { compare } from '../protocol/envelope.ts'
import type { ChainHeads } from '../protocol/frontier.ts'
import { idOf } from '../protocol/frontier.ts'
import type { ChainId, PeerKey } from '../protocol/ids.ts'
import type { RoomEffect, RoomEvent, RoomNotice, Told, Verdict } from './events.ts'
import type { Entry, Retention } from './log.ts'
import { PRUNE_COUNT, STRIKE_EXCHANGE, STRIKE_FLOOD, STRIKE_REJECTED } from './policy.ts'
import { onBeacon, onHeld, ownChains } from './presence-handlers.ts'
import type { RoomState } from './state.ts'
import { show } from './state.ts'
import type { ValidationResult } from './validation/verdicts.ts'

/** The user sends a message. It is published with the next tick. */
export function onSay(
  room: RoomState,
  { act, text, replyTo }: Extract<RoomEvent, { readonly kind: 'say' }>,
  now: Instant,
): readonly RoomEffect[] {
  const clock = clockNotices(room, now)
  const words = { name: room.herald.name, text: ownText(text) }
  const isReply = act === 'text' && replyTo !== undefined
  const envelope = write(
    room,
    isReply ? { ...words, kind: 'reply', ref: replyTo } : { ...words, kind: act },
    now,
  )
  return show([...clock, { kind: 'sent', id: envelope.id, text }, ...room.stage.live([envelope])])
}

/** The user amends a message. The amendment is published with the next tick. */
export function onAmend(
  room: RoomState,
  { change }: Extract<RoomEvent, { readonly kind: 'amend' }>,
  now: Instant,
): readonly RoomEffect[] {
  const { name } = room.herald
  const own = change.kind === 'edit' ? { ...change, newText: ownText(change.newText) } : change
  const clock = clockNotices(room, now)
  return show([...clock, ...room.stage.live([write(room, { ...own, name }, now)])])
}

/**
 * Warns the user before a message is written whose timestamp is ahead, because the clock was wrong earlier.
 */
function clockNotices({ author }: RoomState, now: Instant): readonly RoomNotice[] {
  const aheadMs = author.aheadBy(now)
  return aheadMs > 0 ? [{ kind: 'clock', aheadMs }] : []
}

function write(room: RoomState, content: Said | Amendment, now: Instant): Envelope {
  const envelope = room.author.write(content, now)
  room.herald.onMessage(envelope)
  // a member that misses this message notices by my next beacon, so that one should follow soon
  room.herald.hasten(now, room.people.count)
  room.exchanges.onMoved(now.steady)
  return envelope
}

/** Handles a gossip payload. */
export function onFrame(
  room: RoomState,
  from: PeerKey,
  payload: Uint8Array,
  now: Instant,
): readonly RoomEffect[] {
  const intaken = room.intake.frame(payload, from, now)
  takeIn(room, from, intaken, 'gossip', now)
  const presence = intaken.beacons.flatMap(beacon => onBeacon(room, beacon, from, now))
  const verdict = intaken.verdict === 'accept' && isHeardByAll(room, from, intaken) ? 'keep' : intaken.verdict
  return [
    ...judge(room, from, { ...intaken, verdict }, now),
    ...show(room.stage.live(intaken.messages)),
    ...presence,
  ]
}

/** Handles messages from a sync partner. */
export function onSegment(
  room: RoomState,
  { from, exchange, wires }: Served,
  now: Instant,
): readonly RoomEffect[] {
  const intaken = room.intake.segment(wires, now)
  takeIn(room, from, intaken, 'sync', now)
  for (const chain of intaken.parted) room.exchanges.onParted(chain)
  const progress = onBrought(room, exchange, intaken.messages, now)
  const history = room.stage.history(intaken.messages, now.steady)
  return [...judge(room, from, intaken, now), ...show(history), ...progress]
}

/** What a sync partner sent in answer to a request. */
type Served = Extract<RoomEvent, { readonly kind: 'segment' | 'tail' | 'earlier' }>

/** Handles messages that precede a chain's base. */
export function onEarlier(
  room: RoomState,
  { from, exchange, wires }: Served,
  now: Instant,
): readonly RoomEffect[] {
  const intaken = room.intake.earlier(wires, now)
  for (const envelope of intaken.messages) room.exchanges.onBackfilled(exchange, idOf(envelope))
  if (intaken.messages.length > 0) room.exchanges.onMoved(now.steady)
  const progress = onBrought(room, exchange, intaken.messages, now)
  const history = room.stage.history(intaken.messages, now.steady)
  return [...judge(room, from, intaken, now), ...show(history), ...progress]
}

function onBrought(
  room: RoomState,
  exchange: number,
  messages: readonly Envelope[],
  now: Instant,
): readonly RoomEffect[] {
  const bytes = messages.reduce((sum, { wire }) => sum + wire.length, 0)
  room.exchanges.onBrought(exchange, messages.length, bytes)
  return show(room.progress.onBrought(exchange, messages.length, now.steady))
}

/**
 * Handles the newest messages of a sync partner: they are shown at once, and the sync fills the gap behind
 * them.
 */
export function onTail(
  room: RoomState,
  { from, exchange, wires }: Served,
  now: Instant,
): readonly RoomEffect[] {
  const { early, ...intaken } = room.intake.tail(wires, now)
  room.exchanges.onTail(exchange, now.steady)
  for (const envelope of intaken.messages) noteMessage(room, envelope, now)
  for (const envelope of intaken.apart) room.author.onHeard(envelope)
  const newest = [...early, ...intaken.messages]
  const progress = onBrought(room, exchange, intaken.messages, now)
  return [...judge(room, from, intaken, now), ...show(room.stage.early(newest, 'history')), ...progress]
}

/** Shows the newest stored messages to a user who opens the room. */
export function onOpened(room: RoomState, count: number): readonly RoomEffect[] {
  return show(room.stage.backlog(newestSaid(room, count)))
}

/** Handles a partner's frontier: for own chains it is a delivery receipt. */
export function onHolds(
  room: RoomState,
  from: PeerKey,
  chains: readonly ChainHeads[],
): readonly RoomEffect[] {
  return chains.flatMap(chain => {
    const [head] = chain.heads
    if (chain.author !== room.self || head === undefined) return []
    return room.log.holds({ ...chain, ...head }) ? onHeld(room, from, idOf(chain), head.seq + 1) : []
  })
}

/**
 * Handles the end of a sync session. After the last one, the history it brought is shown in order, and
 * partners that had to wait are asked.
 */
export function onSynced(
  room: RoomState,
  { exchange, from, outcome }: Extract<RoomEvent, { readonly kind: 'synced' }>,
  now: Instant,
): readonly RoomEffect[] {
  const { again, begun, offence } = room.exchanges.onEnded(exchange, from, outcome, now.steady)
  if (begun === 'late') for (const peer of room.people.linked) room.exchanges.onLack(peer, now.steady)
  const asked = again.filter(peer => room.people.isLinked(peer))
  const history = room.exchanges.isFetching ? [] : room.stage.release()
  const isOut = offence !== undefined && room.strikes.isOut(from, STRIKE_EXCHANGE, now)
  return [
    ...show(history),
    ...show(room.progress.end(exchange)),
    ...asked.map(peer => ({ kind: 'sync', peer }) as const),
    ...(isOut ? [{ kind: 'expel', peer: from, reason: offence } as const] : []),
  ]
}

/** Handles messages whose time has come. */
export function onDue(room: RoomState, now: Instant): readonly RoomEffect[] {
  const messages = room.placing.due(now)
  for (const envelope of messages) noteMessage(room, envelope, now)
  const alone = room.placing.waiting.putBy(now)
  const missing = room.exchanges.isFetching ? [] : missingBefore(room, alone)
  return [...show(room.stage.live(messages)), ...show(missing), ...show(room.stage.early(alone, 'live'))]
}

/** Prunes one step. Own messages that no one else holds stay. */
export function onRetain(room: RoomState, retention: Retention): readonly RoomEffect[] {
  const own = new Map(ownChains(room).map(chain => [chain, room.receipts.heldByAny(chain)]))
  const bases = room.log.prune(retention, chain => own.get(chain) ?? Number.POSITIVE_INFINITY, PRUNE_COUNT)
  room.chains.setBases(bases, retention)
  return [{ kind: 'pruned', chains: bases.size }]
}

/**
 * True if the author itself sent the frame and is connected to everyone, so that forwarding it is redundant.
 */
function isHeardByAll(room: RoomState, from: PeerKey, { messages, beacons }: ValidationResult): boolean {
  const isOwn = messages.every(one => one.author === from) && beacons.every(one => one.author === from)
  return isOwn && room.people.reachesAll(from)
}

interface Judged {
  readonly verdict: Verdict
  readonly reason: string
}

function judge(room: RoomState, from: PeerKey, judged: Judged, now: Instant): readonly RoomEffect[] {
  const { verdict, reason } = judged
  const judgement = { kind: 'verdict', verdict, reason } as const
  const weight = verdict === 'reject' ? STRIKE_REJECTED : reason === 'flood' ? STRIKE_FLOOD : 0
  return room.strikes.isOut(from, weight, now)
    ? [judgement, { kind: 'expel', peer: from, reason }]
    : [judgement]
}

/** Records accepted messages, and the gaps that they reveal. */
function takeIn(
  room: RoomState,
  from: PeerKey,
  intaken: ValidationResult,
  via: 'gossip' | 'sync',
  now: Instant,
): void {
  for (const envelope of intaken.messages) noteMessage(room, envelope, now)
  for (const envelope of intaken.apart) room.author.onHeard(envelope)
  const deps = via === 'gossip' ? intaken.messages.flatMap(envelope => envelope.deps) : []
  for (const id of [...intaken.missing, ...deps]) {
    if (!room.log.has(id)) room.gaps.note(id, from, now.steady, () => room.log.has(id))
  }
}

function noteMessage(room: RoomState, envelope: Envelope, now: Instant): void {
  room.author.onSeen(envelope)
  room.exchanges.onMoved(now.steady)
  room.people.onWrote(envelope.author, envelope.ts, now)
  room.herald.onMessage(envelope)
  room.herald.hasten(now, room.people.count)
}

/** Reports what is missing before messages that are shown without their predecessors. */
function missingBefore(room: RoomState, alone: readonly Envelope[]): readonly RoomNotice[] {
  const first = new Map<ChainId, Envelope>()
  for (const envelope of alone) {
    const known = first.get(idOf(envelope))
    if (known === undefined || envelope.seq < known.seq) first.set(idOf(envelope), envelope)
  }
  return [...first].flatMap(([chain, { author, seq }]) => {
    const count = seq - room.log.length(chain)
    return count > 0 ? { kind: 'missing', author, name: nameOf(room, author), count } : []
  })
}

function nameOf(room: RoomState, author: PeerKey): string {
  return room.people.get(author)?.beacon.name ?? ''
}

// The newest messages of a room: all of them, those that say something, or the nth. Amendments lie between
// them in the log, so the search reads some more than asked, and again if that isn't enough.

type Parts = Pick<RoomState, 'log' | 'placing' | 'annals'>

/** How many more messages to read at first, and each time again. */
const SOME_MORE = 32
const TIMES = 4

/** The most messages that a search by position reads. */
const MOST = 65_536

/** The newest stored messages in order, pending ones included. */
export function newestOf({ log, placing }: Parts, count: number): readonly Entry[] {
  const all = [...log.latest(count), ...placing.waiting.all]
  return all.sort((a, b) => compare(a.envelope, b.envelope)).slice(Math.max(0, all.length - count))
}

/** The last `count` of the newest messages that aren't amendments, in order. */
function newestSaid(room: Parts, count: number): readonly Envelope[] {
  for (let window = count + SOME_MORE; ; window *= TIMES) {
    const all = newestOf(room, window).map(entry => entry.envelope)
    const said = all.filter(one => !isAmending(one.kind))
    if (said.length >= count || all.length < window || window >= MOST) return said.slice(-count)
  }
}

/** The nth newest message, counted from 1, that matches and still says something. */
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
