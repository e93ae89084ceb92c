/** What one life of a machine showed its user, and whether it may. */
import type { Envelope, Position } from '../../src/protocol/envelope.ts'
import { compare } from '../../src/protocol/envelope.ts'
import type { MessageId, PeerKey } from '../../src/protocol/ids.ts'
import type { RoomNotice } from '../../src/room/events.ts'
import type { Disk } from './disk.ts'
import { Rows } from './rows.ts'
import { checkAuthentic } from './standings.ts'
import { Broken, short } from './trace.ts'
import type { Witness } from './witness.ts'

export class Screen {
  readonly shown = new Set<MessageId>()
  readonly rows = new Rows()
  readonly #receipts = new Set<string>()
  readonly #holder: PeerKey
  readonly #disk: Disk
  readonly #witness: Witness
  #last: Position | undefined

  constructor(holder: PeerKey, disk: Disk, witness: Witness) {
    this.#holder = holder
    this.#disk = disk
    this.#witness = witness
  }

  /** Returns the message that its user may now take for sent, if it says so. */
  show(notice: RoomNotice): MessageId | undefined {
    this.rows.show(notice)
    switch (notice.kind) {
      case 'message':
        this.#onMessage(notice)
        break
      case 'sent':
        if (!this.#disk.kept.has(notice.id))
          throw new Broken('sent is durable', `${short(notice.id)} is not on the disk`)
        break
      case 'amended':
        this.#onAmended(notice)
        break
      case 'delivered':
        this.#onDelivered(notice)
        break
      default:
        break
    }
    return this.#sent(notice)
  }

  #sent(notice: RoomNotice): MessageId | undefined {
    if (notice.kind === 'sent') return notice.id
    if (notice.kind !== 'amended' || notice.via !== 'live') return undefined
    return this.#disk.kept.get(notice.by.id)?.author === this.#holder ? notice.by.id : undefined
  }

  #onMessage(notice: Extract<RoomNotice, { kind: 'message' }>): void {
    const { envelope, place, replied } = notice
    const { id, ts } = envelope
    if (this.#witness.isHonest(envelope.author)) this.#onHonest(envelope)
    this.shown.add(id)
    checkAuthentic('a screen', notice, this.#witness)
    if (replied !== undefined) checkAuthentic('a screen', replied, this.#witness)
    const isLate = this.#last !== undefined && compare(envelope, this.#last) < 0
    if (place !== (isLate ? 'late' : 'newest'))
      throw new Broken('order on screen', `${short(id)} is called ${place}`)
    if (!isLate) this.#last = { ts, id }
  }

  /** What somebody honest wrote is shown once, as it was written, and not before it is held. */
  #onHonest(envelope: Envelope): void {
    const { id } = envelope
    if (this.shown.has(id)) throw new Broken('shown once', `${short(id)} again`)
    if (!this.#witness.written.has(id)) throw new Broken('authentic', `${short(id)} is shown`)
    const isHeld = this.#disk.has(id) || this.#disk.allPending().some(entry => entry.envelope.id === id)
    const mayBeGone = this.#witness.mayDrop(this.#holder) || this.#witness.isDoubtful(envelope)
    if (!isHeld && !mayBeGone)
      throw new Broken('what is shown is held', `${short(id)} is neither in the log nor put by`)
  }

  /** What is changed, changes since its author says so, or, by a reaction, anybody. */
  #onAmended({ by, amendment, amended }: Extract<RoomNotice, { kind: 'amended' }>): void {
    if (this.#witness.isHonest(by.author) && !this.#witness.written.has(by.id))
      throw new Broken('authentic', `${short(by.id)} changes what is shown`)
    if (amendment.kind !== 'reaction' && by.author !== amended.envelope.author)
      throw new Broken('authentic', `${short(by.id)} changes what another one said`)
    checkAuthentic('a screen', amended, this.#witness)
  }

  #onDelivered({ id, peer, count, of }: Extract<RoomNotice, { kind: 'delivered' }>): void {
    const name = `${id} ${peer}`
    if (this.#receipts.has(name)) throw new Broken('receipts come once', `${short(id)} to ${short(peer)}`)
    this.#receipts.add(name)
    this.#witness.onDelivered(id, peer)
    if (count < 1 || count > of)
      throw new Broken('receipts are honest', `${short(id)} reached ${count} of ${of}`)
  }
}
