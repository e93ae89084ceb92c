/** What a hostile peer writes on streams of the program's own protocols. */
import { randomBytes } from 'node:crypto'
import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { writer } from 'protons-runtime'
import { nodeCrypto } from '../../src/chat/node-crypto.ts'
import { decodeEnvelope } from '../../src/protocol/envelope.ts'
import { decodeFrame } from '../../src/protocol/frame.ts'
import type { ChainHeads } from '../../src/protocol/frontier.ts'
import { chainIdOf } from '../../src/protocol/frontier.ts'
import type { MessageId } from '../../src/protocol/ids.ts'
import { toHex } from '../../src/protocol/ids.ts'
import type { SyncMessage } from '../../src/protocol/sync-message.ts'
import { encodeSync } from '../../src/protocol/sync-message.ts'
import type { HostilePeer } from './hostile-peer.ts'
import { beaconOf, messageOf } from './hostile-words.ts'

const crypto = nodeCrypto()

/** Parts of a hundred chains, more than any room may have together. */
const ENDLESS_PARTS = 110

export type Attack = (stream: Stream) => Promise<void>

/** On any protocol of messages with their length in front. */
export const GARBAGE: Readonly<Record<string, Attack>> = {
  noise: async stream => void stream.send(randomBytes(1_000)),
  'a huge length and nothing behind it': async stream => void stream.send(lengthOf(2 ** 40)),
  'a length without end': async stream => void stream.send(Buffer.alloc(100, 0xff)),
  'a message that never ends': async stream => {
    stream.send(lengthOf(60_000))
    stream.send(randomBytes(100))
  },
  'well-framed noise': stream => lpStream(stream).write(randomBytes(500)),
  silence: async () => {},
  'a reset': async stream => stream.abort(new Error('changed my mind')),
}

/** On the sync's streams, as who opened them: it knows the room and begins well. */
export function syncAttacks(
  hostile: HostilePeer,
  chains: readonly ChainHeads[],
): Readonly<Record<string, Attack>> {
  const hello = greeting(hostile)
  const { room, signer } = hostile
  const author = chains[0]?.author ?? signer.author
  const endless = Array.from({ length: ENDLESS_PARTS }, strangers)
  const forged = messageOf({ room, signer, author, text: 'FORGED history' })
  return {
    'only a greeting': stream => say(stream, hello),
    'heads that are nowhere': stream => say(stream, hello, { kind: 'have', chains, part: 'last' }),
    'chains without end': stream => say(stream, hello, ...endless),
    'messages out of turn': stream => say(stream, hello, { kind: 'messages', wires: [forged] }),
    'forged messages': stream =>
      say(
        stream,
        hello,
        { kind: 'have', chains, part: 'last' },
        { kind: 'want', wants: [], part: 'last', tail: 0, earlier: [] },
        { kind: 'messages', wires: [forged] },
        { kind: 'end' },
      ),
  }
}

/** As who is asked: claims to hold what is nowhere, and then says nothing more. */
export function liar(hostile: HostilePeer, chains: readonly ChainHeads[]): Attack {
  return stream => say(stream, greeting(hostile), { kind: 'have', chains, part: 'last' })
}

/** The chains of which a message was heard, each with a head that nobody has. */
export function inventedHeads({ heard }: HostilePeer): ChainHeads[] {
  const envelopes = heard
    .flatMap(payload => decodeFrame(payload) ?? [])
    .flatMap(wire => decodeEnvelope(wire, crypto) ?? [])
  const chains = envelopes.map(({ author, log, seq }) => {
    const id = toHex(randomBytes(32)) as MessageId
    return { author, log, heads: [{ seq: seq + 1_000, id }], base: 0 }
  })
  return [...new Map(chains.map(chain => [chainIdOf(chain), chain])).values()]
}

function greeting({ room, signer }: HostilePeer): SyncMessage {
  const beacon = beaconOf({ room, signer }, 'here')
  const digest = toHex(randomBytes(32))
  return { kind: 'hello', room, beacon, digest, chains: 1, places: 1, lacks: false }
}

function strangers(): SyncMessage {
  const chains = Array.from({ length: 100 }, () => ({
    author: toHex(randomBytes(32)) as ChainHeads['author'],
    log: toHex(randomBytes(8)) as ChainHeads['log'],
    heads: [{ seq: 7, id: toHex(randomBytes(32)) as MessageId }],
    base: 0,
  }))
  return { kind: 'have', chains, part: 'more' }
}

async function say(stream: Stream, ...messages: readonly SyncMessage[]): Promise<void> {
  const lp = lpStream(stream)
  for (const message of messages) await lp.write(encodeSync(message))
}

function lengthOf(bytes: number): Uint8Array {
  return writer().uint64(BigInt(bytes)).finish()
}
