/**
 * One side of a sync session as a state machine without a stream: the partner's messages go in, messages to
 * send come out. Both sides greet; unless their digests are equal, they find out what the other holds,
 * request what they lack, serve what was requested, and end. A message is made when it is taken, so the
 * writer of the stream sets the pace, and little is buffered. The room decides what to request and what to
 * believe; the session decides only which message may come when.
 */
import type { ChainHeads, Want } from '../../protocol/frontier.ts'
import { chainKey } from '../../protocol/frontier.ts'
import type { PeerKey, RoomId } from '../../protocol/ids.ts'
import { fromHex } from '../../protocol/ids.ts'
import { MAX_CHAINS } from '../../protocol/limits.ts'
import { rangeHashes } from '../../protocol/ranges.ts'
import type { SyncMessage } from '../../protocol/sync-message.ts'
import { encodeSync, FLAT_CHAINS } from '../../protocol/sync-message.ts'
import type { Verdict } from '../events.ts'
import type { SyncFault, SyncResult } from './accounting.ts'
import { blamelessFault, partnerFault } from './accounting.ts'
import { Reconciliation } from './reconciliation.ts'
import type { Outgoing } from './responder.ts'
import {
  haveMessages,
  MAX_TRANSFER_BYTES,
  rangesMessages,
  responseMessages,
  singleMessage,
  wantMessages,
} from './responder.ts'
import { ResponseCheck } from './response-check.ts'
import type { SyncRoom } from './sync-room.ts'

export interface SyncSessionDeps {
  /** The room that the partner names, if it is open here. */
  readonly room: (id: RoomId) => SyncRoom | undefined
  /** The room, if this side starts; absent if the partner does. */
  readonly roomId?: RoomId
  readonly peer: PeerKey
  /** This side's number for the session. */
  readonly exchange: number
}

/** What must come next. `goodbye`: the digests are equal, and only END is left. */
type Expected = 'hello' | 'have' | 'ranges' | 'want' | 'tail' | 'messages' | 'earlier' | 'goodbye' | 'nothing'

type Message<Kind extends SyncMessage['kind']> = Extract<SyncMessage, { readonly kind: Kind }>

export class SyncSession {
  readonly #deps: SyncSessionDeps
  /** What is still to be sent, in order. */
  readonly #outgoing: Outgoing[] = []
  #expects: Expected = 'hello'
  #room: SyncRoom | undefined
  #hello: Message<'hello'> | undefined
  #reconciliation: Reconciliation | undefined
  /** The chains that each side sent, in order: requests name chains by their number. */
  #theirs: readonly ChainHeads[] = []
  #sentChains: readonly ChainHeads[] = []
  /** What the partner requested, by that number. */
  readonly #requested = new Map<number, Want>()
  #wants = 0
  #responseCheck = new ResponseCheck([], [])
  #tail = 0
  #earlier = 0
  readonly #transfer = new TransferCount()
  #sent = 0

  constructor(deps: SyncSessionDeps) {
    this.#deps = deps
    if (deps.roomId !== undefined) this.#greet(deps.roomId)
  }

  /** The next message to send; undefined until the partner sends more. */
  next(): SyncMessage | undefined {
    for (;;) {
      const value = this.#outgoing[0]?.next().value
      if (value !== undefined || this.#outgoing.length === 0) return value ?? undefined
      this.#outgoing.shift()
    }
  }

  /** Whether the sides still compare frontiers, transfer messages, or everything is read. */
  get phase(): 'identifying' | 'moving' | 'read' {
    if (this.#expects === 'nothing') return 'read'
    return ['tail', 'messages', 'earlier'].includes(this.#expects) ? 'moving' : 'identifying'
  }

  /** How the session ended, well or with a fault. */
  result(fault?: SyncFault): SyncResult {
    const counts = { received: this.#transfer.received, sent: this.#sent }
    if (fault !== undefined) return { kind: 'failed', ...fault, ...counts }
    // what doesn't fit into one session follows in the next
    return {
      kind: 'complete',
      unfulfilled: this.#transfer.isFull ? [] : this.#responseCheck.unfulfilled,
      ...counts,
    }
  }

  /** Handles a message from the partner. Returns why the session must end, if it must. */
  onMessage(message: SyncMessage): SyncFault | undefined {
    const { kind } = message
    if (!isInTurn(kind, this.#expects)) return partnerFault(`it sent ${kind} instead of ${this.#expects}`)
    switch (kind) {
      case 'hello':
        return this.#onHello(message)
      case 'have':
        return this.#onHave(message)
      case 'ranges':
        return this.#onRanges(message)
      case 'want':
        return this.#onWant(message)
      case 'tail':
        return this.#onTail(message)
      case 'messages':
        return this.#onMessages(message)
      case 'earlier':
        return this.#onEarlier(message)
      case 'end':
        this.#expects = 'nothing'
        return undefined
    }
  }

  /** Sends this side's greeting. */
  #greet(id: RoomId): SyncRoom | undefined {
    this.#room = this.#deps.room(id)
    if (this.#room === undefined) return undefined
    const lacks = this.#room.canBackfillFrom(this.#deps.peer)
    this.#hello = { kind: 'hello', room: id, ...this.#room.greeting(), lacks }
    this.#send(singleMessage(this.#hello))
    return this.#room
  }

  #onHello(hello: Message<'hello'>): SyncFault | undefined {
    const { roomId, peer } = this.#deps
    if (roomId !== undefined && hello.room !== roomId) return partnerFault('it speaks of another room')
    const room = roomId === undefined ? this.#greet(hello.room) : this.#room
    const mine = this.#hello
    if (room === undefined || mine === undefined) return blamelessFault('the room is not open here')
    room.onGreeting(peer, hello.beacon)
    if (mine.digest === hello.digest && (mine.lacks || hello.lacks)) {
      this.#identified()
    } else if (mine.digest === hello.digest) {
      this.#expects = 'goodbye'
      this.#send(singleMessage({ kind: 'end' }))
    } else if (Math.min(mine.chains, hello.chains) <= FLAT_CHAINS) {
      this.#expects = 'have'
      this.#sentChains = room.frontier()
      this.#send(haveMessages(this.#sentChains))
    } else {
      this.#expects = 'ranges'
      this.#reconciliation = this.#reconcile(room, mine, hello)
      if (roomId !== undefined) this.#send(rangesMessages(this.#reconciliation.begin()))
    }
    return undefined
  }

  /** Starts the comparison. The side with fewer chains lists; on a tie, the side that started the session. */
  #reconcile(room: SyncRoom, mine: Message<'hello'>, theirs: Message<'hello'>): Reconciliation {
    const begins = this.#deps.roomId !== undefined
    const hellos = begins ? [mine, theirs] : [theirs, mine]
    const salt = fromHex(room.sha256(Buffer.concat(hellos.map(encodeSync))))
    const lists = mine.places < theirs.places || (mine.places === theirs.places && begins)
    return new Reconciliation(room.frontier(), rangeHashes(room, salt), lists ? 'lists' : 'tells')
  }

  #onHave({ chains, part }: Message<'have'>): SyncFault | undefined {
    let last = this.#theirs.at(-1)
    for (const chain of chains) {
      if (last !== undefined && chainKey(chain) <= chainKey(last))
        return partnerFault('its chains are not in order')
      last = chain
    }
    this.#theirs = this.#theirs.concat(chains)
    const isEndless = part === 'more' && chains.length === 0
    if (isEndless || this.#theirs.length > MAX_CHAINS) return partnerFault('it names too many chains')
    if (part === 'last') this.#identified()
    return undefined
  }

  #onRanges(message: Message<'ranges'>): SyncFault | undefined {
    const reconciliation = this.#reconciliation
    const turn = reconciliation?.take(message) ?? 'wrong'
    if (reconciliation === undefined || turn === 'wrong') return partnerFault('its ranges break the rules')
    if (turn === 'mine' || turn === 'mine and over') this.#send(rangesMessages(reconciliation.reply()))
    if (turn === 'over' || turn === 'mine and over') {
      this.#theirs = reconciliation.theirs
      this.#sentChains = reconciliation.sent
      this.#identified()
    }
    return undefined
  }

  /** The partner's frontier is known. */
  #identified(): void {
    const { exchange, peer } = this.#deps
    const theirs = this.#theirs
    this.#room?.onHolds(peer, theirs)
    const wanted = this.#room?.wants(exchange, peer, theirs) ?? { wants: [], tail: 0, earlier: [] }
    this.#tail = wanted.tail
    this.#earlier = wanted.earlier.length
    this.#responseCheck = new ResponseCheck(wanted.wants, theirs)
    this.#send(wantMessages(wanted, theirs))
    this.#theirs = []
    this.#reconciliation = undefined
    this.#expects = 'want'
  }

  #onWant({ wants, part, tail, earlier }: Message<'want'>): SyncFault | undefined {
    for (const { index, seq } of wants) {
      const chain = this.#sentChains[index]
      if (chain === undefined) return partnerFault('it asks for what it was not told of')
      this.#requested.set(index, { author: chain.author, log: chain.log, seq })
      this.#wants++
    }
    if (this.#requested.size < this.#wants) return partnerFault('it asks for a chain twice')
    if (part === 'more') return wants.length === 0 ? partnerFault('it asks without end') : undefined
    this.#expects = this.#tail > 0 ? 'tail' : 'messages'
    const onSent = (count: number): void => {
      this.#sent += count
    }
    const asked = { wants: [...this.#requested.values()], tail, earlier }
    if (this.#room !== undefined) this.#send(responseMessages(this.#room, asked, onSent))
    return undefined
  }

  #onTail({ wires }: Message<'tail'>): SyncFault | undefined {
    this.#expects = 'messages'
    if (wires.length > this.#tail) return partnerFault('it sent more than was asked for')
    const verdict = this.#room?.onTail(this.#deps.exchange, this.#deps.peer, wires)
    return verdict === 'reject' ? partnerFault('it sent what nobody may send') : undefined
  }

  #onMessages({ wires }: Message<'messages'>): SyncFault | undefined {
    const { exchange, peer } = this.#deps
    if (!this.#responseCheck.take(wires)) return partnerFault('it sent what it was not asked for')
    return this.#onPart(wires, this.#room?.onSegment(exchange, peer, wires))
  }

  #onEarlier({ wires }: Message<'earlier'>): SyncFault | undefined {
    const { exchange, peer } = this.#deps
    this.#expects = 'earlier'
    if (this.#earlier === 0) return partnerFault('it sent what it was not asked for')
    return this.#onPart(wires, this.#room?.onEarlier(exchange, peer, wires))
  }

  #onPart(wires: readonly Uint8Array[], verdict: Verdict | undefined): SyncFault | undefined {
    const fault = this.#transfer.take(wires, verdict)
    if (fault !== undefined) return fault
    return this.#room?.isReassigned(this.#deps.exchange)
      ? blamelessFault('others bring it faster')
      : undefined
  }

  #send(said: Outgoing): void {
    this.#outgoing.push(said)
  }
}

function isInTurn(kind: SyncMessage['kind'], expected: Expected): boolean {
  if (kind === 'end') return ['messages', 'earlier', 'goodbye'].includes(expected)
  return kind === expected || (kind === 'earlier' && expected === 'messages')
}

// Counts what a partner sent in one session, to decide whether it is worth continuing.

/**
 * Parts without anything new that are tolerated beyond as many useful ones: a few occur when two partners
 * send the same.
 */
const REDUNDANT_PARTS = 16

class TransferCount {
  #received = 0
  #bytes = 0
  #useful = 0
  #useless = 0

  /** Accepted messages. */
  get received(): number {
    return this.#received
  }

  /** True if another session may deliver what didn't fit. */
  get isFull(): boolean {
    return this.#bytes > MAX_TRANSFER_BYTES / 2
  }

  /** Counts a part and the room's verdict on it. Returns why the session must end, if it must. */
  take(wires: readonly Uint8Array[], verdict: Verdict | undefined): SyncFault | undefined {
    if (verdict === 'reject') return partnerFault('it sent what nobody may send')
    if (verdict === 'ignore') this.#useless++
    else this.#useful++
    this.#received += verdict === 'ignore' ? 0 : wires.length
    this.#bytes += wires.reduce((sum, wire) => sum + wire.length, 0)
    if (this.#bytes > MAX_TRANSFER_BYTES) return partnerFault('it sends without end')
    return this.#useless > this.#useful + REDUNDANT_PARTS
      ? blamelessFault('it brings nothing new')
      : undefined
  }
}
