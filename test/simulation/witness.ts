/**
 * Sees everything that happens in a world, as nobody in it can, and says at once when something happens that never
 * may: who wrote what, whose disk holds what, and what each screen showed.
 */
import type { Envelope } from '../../src/protocol/envelope.ts'
import type { ChainId, LogId, MessageId, PeerKey } from '../../src/protocol/ids.ts'
import { chainId } from '../../src/protocol/ids.ts'
import { Broken, short } from './trace.ts'

/** What is known of one honest author. */
export interface Author {
  readonly name: string
  /** Its disk went back in time unnoticed: until somebody tells it, it may write this chain a second time. */
  readonly doubtful: LogId | undefined
  /** Whether messages may disappear from its disk. */
  readonly prunes: boolean
}

export class Witness {
  /** Everything that honest authors wrote, also what no disk kept. */
  readonly written = new Map<MessageId, Envelope>()
  /** Honest chains that were written twice, as after an unnoticed restore they may be. */
  readonly tainted = new Set<ChainId>()
  readonly #company: 'good' | 'bad'
  readonly #authors = new Map<PeerKey, Author>()
  /** Which message stands at a place of an honest chain, once anybody could know it. */
  readonly #places = new Map<string, MessageId>()
  /** Who ever had a message in a chain on its disk. */
  readonly #holders = new Map<MessageId, Set<PeerKey>>()

  /** `bad`: there are villains among them. */
  constructor(company: 'good' | 'bad') {
    this.#company = company
  }

  addAuthor(key: PeerKey, author: Author): void {
    this.#authors.set(key, author)
  }

  isHonest(key: PeerKey): boolean {
    return this.#authors.has(key)
  }

  /** An honest author wrote something. */
  onWritten(envelope: Envelope): void {
    this.written.set(envelope.id, envelope)
  }

  /** A message went into somebody's log. */
  onAppend(holder: PeerKey, envelope: Envelope): void {
    if (!this.isHonest(envelope.author)) return
    if (!this.written.has(envelope.id))
      throw new Broken(
        'authentic',
        `${this.#name(holder)} takes in what ${this.#name(envelope.author)} never wrote`,
      )
    if (holder !== envelope.author) this.#seen(envelope)
  }

  /** What happened to somebody's log is durable. */
  onCommit(holder: PeerKey, added: readonly Envelope[], removed: readonly Envelope[]): void {
    for (const envelope of added) {
      const holders = this.#holders.get(envelope.id)
      if (holders === undefined) this.#holders.set(envelope.id, new Set([holder]))
      else holders.add(holder)
      if (holder === envelope.author) this.#seen(envelope)
    }
    if (this.mayDrop(holder)) {
      this.#onPruned(holder, removed)
      return
    }
    for (const { id, author, log, seq } of removed) {
      if (!this.isHonest(author) || this.tainted.has(chainId(author, log))) continue
      throw new Broken(
        'nothing is lost',
        `${this.#name(holder)} removes ${this.#name(author)}'s ${seq} (${short(id)})`,
      )
    }
  }

  /** What its author prunes, somebody else has or had; unless a villain said so. */
  #onPruned(holder: PeerKey, removed: readonly Envelope[]): void {
    if (this.#company === 'bad') return
    const lost = removed.find(
      one => one.author === holder && !this.isDoubtful(one) && this.holdersOf(one.id) < 2,
    )
    if (lost === undefined) return
    throw new Broken(
      'nothing is lost',
      `${this.#name(holder)} prunes its ${short(lost.id)}, which nobody else has`,
    )
  }

  /** True if messages may disappear from somebody's disk. */
  mayDrop(holder: PeerKey): boolean {
    return this.#authors.get(holder)?.prunes === true
  }

  /**
   * Somebody was told that a peer holds a message. Of a chain that may be written twice, receipts are for a place, and
   * not for the one of two messages there.
   */
  onDelivered(id: MessageId, peer: PeerKey): void {
    if (!this.isHonest(peer) || this.#holders.get(id)?.has(peer) === true) return
    const envelope = this.written.get(id)
    // and of a chain that somebody began late, since its beginning was let go, for all of it
    if (envelope === undefined || this.isDoubtful(envelope) || this.#isPruning) return
    throw new Broken('receipts are honest', `${this.#name(peer)} never had ${short(id)} on its disk`)
  }

  /** How many honest disks ever held a message. */
  holdersOf(id: MessageId): number {
    return this.#holders.get(id)?.size ?? 0
  }

  /** From now on others can have this message; another one at its place would be a fork. */
  #seen({ id, author, log, seq }: Envelope): void {
    const chain = chainId(author, log)
    const place = `${chain}/${seq}`
    const known = this.#places.get(place)
    this.#places.set(place, id)
    if (known === undefined || known === id || this.tainted.has(chain)) return
    if (this.#authors.get(author)?.doubtful !== log)
      throw new Broken(
        'no honest fork',
        `${this.#name(author)} wrote place ${seq} twice: ${short(known)} and ${short(id)}`,
      )
    this.tainted.add(chain)
  }

  /** True for messages of an honest chain that is, or may be, written twice. */
  isDoubtful({ author, log }: Envelope): boolean {
    return this.tainted.has(chainId(author, log)) || this.#authors.get(author)?.doubtful === log
  }

  get #isPruning(): boolean {
    return [...this.#authors.values()].some(author => author.prunes)
  }

  #name(key: PeerKey): string {
    return this.#authors.get(key)?.name ?? 'a villain'
  }
}
