/** Rooms on libp2p nodes that exchange over real streams, and strangers that say there whatever a test wants. */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Libp2p, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import type { Instant } from '../../../src/common/clock.ts'
import { SILENT_LOGGER } from '../../../src/common/logger.ts'
import { SyncService } from '../../../src/network/sync/sync-service.ts'
import type { SyncTimeouts } from '../../../src/network/sync/sync-stream.ts'
import { transportStack } from '../../../src/network/transport.ts'
import type { SyncMessage } from '../../../src/protocol/sync-message.ts'
import { decodeSync, encodeSync } from '../../../src/protocol/sync-message.ts'
import type { SyncResult } from '../../../src/room/sync/accounting.ts'
import type { SyncRoom } from '../../../src/room/sync/sync-room.ts'
import { syncRoomOf } from '../../support/core-exchange.ts'
import { Peer } from '../../support/core-peer.ts'
import { EPOCH, ROOM, seedOf } from '../../support/core-world.ts'

export const SYNC = '/parley/sync/1'

/** Deadlines that a test can wait for, far above what anything takes here. */
export const SHORT: SyncTimeouts = { stepMs: 500, identifyMs: 1_500 }

/** Everything started here ends with it. */
export class SyncStage implements AsyncDisposable {
  readonly #nodes: Libp2p[] = []

  /** Somebody in the room. `changes`: how it differs from what a room does. */
  async member(name: string, options: MemberOptions = {}): Promise<Member> {
    const node = await this.#node(name)
    const member = new Member(name, node, options)
    await member.sync.start()
    return member
  }

  /** Somebody who speaks the protocol by hand. */
  async stranger(name: string): Promise<Stranger> {
    return new Stranger(await this.#node(name))
  }

  /** Connects two; resolves when both know. */
  async connect(from: { readonly node: Libp2p }, to: { readonly node: Libp2p }): Promise<void> {
    const connected = new Promise<void>(resolve =>
      to.node.addEventListener('peer:connect', ({ detail }) => {
        if (detail.equals(from.node.peerId)) resolve()
      }),
    )
    await from.node.dial(to.node.getMultiaddrs())
    await connected
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map(node => node.stop()))
  }

  async #node(name: string): Promise<Libp2p> {
    const node = await createLibp2p({
      privateKey: await generateKeyPairFromSeed('Ed25519', seedOf(name)),
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      ...transportStack({
        maxConnections: 100,
        maxInboundStreams: 100,
        maxStreamWindowBytes: 1_048_576,
        maxUnreadBytes: 4_194_304,
        maxUnsentBytes: 8_388_608,
      }),
    })
    this.#nodes.push(node)
    return node
  }
}

export interface MemberOptions {
  readonly patience?: SyncTimeouts
  readonly room?: Partial<SyncRoom>
}

export class Member extends Peer {
  readonly node: Libp2p
  readonly sync: SyncService
  readonly outcomes: SyncResult[] = []
  readonly expelled: string[] = []
  #onEnded = Promise.withResolvers<void>()

  constructor(name: string, node: Libp2p, { patience: timeouts, room }: MemberOptions) {
    const now = (): Instant => ({ steady: performance.now(), wall: EPOCH + Math.floor(performance.now()) })
    super(name, { now })
    this.node = node
    const whole: SyncRoom = { ...syncRoomOf(this, now), ...room }
    const onEnded: SyncRoom['onEnded'] = (exchange, peer, outcome) => {
      whole.onEnded(exchange, peer, outcome)
      this.outcomes.push(outcome)
      this.#wake()
    }
    this.sync = new SyncService({
      node,
      room: id => (id === ROOM ? { ...whole, onEnded } : undefined),
      now: () => performance.now(),
      onHeard: () => {},
      expel: peer => {
        this.expelled.push(peer)
        this.#wake()
      },
      logger: SILENT_LOGGER,
      ...(timeouts && { timeouts }),
    })
  }

  /** Exchanges with somebody it is connected to; resolves with how that ended here. */
  async exchange(other: Peer): Promise<SyncResult> {
    const before = this.outcomes.length
    this.sync.request(ROOM, other.key)
    return (await this.ended(before + 1)).at(-1) ?? this.exchange(other)
  }

  /** Resolves with how exchanges ended, once there are so many. */
  async ended(count: number): Promise<readonly SyncResult[]> {
    while (this.outcomes.length < count) await this.#onEnded.promise
    return this.outcomes
  }

  /** Resolves once somebody is expelled. */
  async expels(): Promise<readonly string[]> {
    while (this.expelled.length === 0) await this.#onEnded.promise
    return this.expelled
  }

  #wake(): void {
    this.#onEnded.resolve()
    this.#onEnded = Promise.withResolvers()
  }
}

export class Stranger {
  readonly node: Libp2p

  constructor(node: Libp2p) {
    this.node = node
  }

  /** A stream to somebody it is connected to. */
  async open(member: Member): Promise<Line> {
    return new Line(await this.node.dialProtocol(member.node.peerId, SYNC))
  }

  /** Answers whoever opens a stream to it. */
  async answer(handler: (line: Line) => Promise<void>): Promise<void> {
    await this.node.handle(SYNC, stream => handler(new Line(stream)).catch(() => {}))
  }
}

/** A stream on which anything is said by hand. */
export class Line {
  readonly stream: Stream
  readonly #lp
  /** Resolves when the stream is closed, or was reset. */
  readonly closed: Promise<void>

  constructor(stream: Stream) {
    this.stream = stream
    this.#lp = lpStream(stream)
    this.closed = new Promise(resolve => stream.addEventListener('close', () => resolve()))
  }

  async say(...messages: readonly SyncMessage[]): Promise<void> {
    for (const message of messages) await this.#lp.write(encodeSync(message))
  }

  async heard(): Promise<SyncMessage> {
    const message = decodeSync((await this.#lp.read()).subarray())
    if (message === undefined) throw new Error('no message of this protocol')
    return message
  }

  /** Listens until a message of this kind. */
  async until<Kind extends SyncMessage['kind']>(kind: Kind): Promise<Extract<SyncMessage, { kind: Kind }>> {
    for (;;) {
      const message = await this.heard()
      if (isKind(message, kind)) return message
    }
  }
}

function isKind<Kind extends SyncMessage['kind']>(
  message: SyncMessage,
  kind: Kind,
): message is Extract<SyncMessage, { kind: Kind }> {
  return message.kind === kind
}
