/**
 * The messages of `/parley/sync/1`, as carol, who holds nothing yet, might have them with bob, and how two who hold
 * much compare it.
 */
import { fromHex, toHex } from '../../src/protocol/ids.ts'
import type { Range } from '../../src/protocol/ranges.ts'
import { END, rangeHashes } from '../../src/protocol/ranges.ts'
import type { SyncMessage } from '../../src/protocol/sync-message.ts'
import { encodeSync } from '../../src/protocol/sync-message.ts'
import { chains, digest, emptyDigest } from './frontiers.ts'
import { hello, reply, second, wave } from './messages.ts'
import { hereWire } from './presence.ts'
import { crypto, ROOM } from './world.ts'

/** Who opens the stream and holds less, and who answers. The beacon is bob's in both, which doesn't matter here. */
const opens: SyncMessage = {
  kind: 'hello',
  room: ROOM,
  beacon: hereWire,
  digest: emptyDigest,
  chains: 0,
  places: 0,
  lacks: false,
}
const answers: SyncMessage = {
  kind: 'hello',
  room: ROOM,
  beacon: hereWire,
  digest,
  chains: 2,
  places: 4,
  lacks: false,
}

const salt = crypto.sha256(Buffer.concat([opens, answers].map(encodeSync)))
const compare = rangeHashes(crypto, fromHex(salt))

/** Between alice's key, which begins with 03, and bob's, which begins with 29. */
const BETWEEN = '29'
const prints: readonly Range[] = [
  { kind: 'print', bound: BETWEEN, print: compare.fingerprintOf(chains.slice(0, 1)) },
  { kind: 'print', bound: END, print: compare.fingerprintOf(chains.slice(1)) },
]
const list: readonly Range[] = [
  { kind: 'settled', bound: BETWEEN },
  { kind: 'list', bound: END, marks: chains.slice(1).map(compare.shortHashOf) },
]

const MESSAGES: Readonly<Record<string, SyncMessage>> = {
  hello: answers,
  helloOfNobody: opens,
  have: { kind: 'have', chains, part: 'last' },
  haveNothing: { kind: 'have', chains: [], part: 'last' },
  prints: { kind: 'ranges', ranges: prints, chains: [], requested: [], part: 'last' },
  list: { kind: 'ranges', ranges: list, chains: [], requested: [], part: 'last' },
  told: { kind: 'ranges', ranges: [], chains: chains.slice(1), requested: [0], part: 'last' },
  want: { kind: 'want', wants: [{ index: 0, seq: 0 }], part: 'last', tail: 2, earlier: [] },
  wantEarlier: { kind: 'want', wants: [], part: 'last', tail: 0, earlier: [second.id] },
  tail: { kind: 'tail', wires: [reply.wire, wave.wire] },
  messages: { kind: 'messages', wires: [hello.wire, second.wire, wave.wire] },
  earlier: { kind: 'earlier', wires: [hello.wire, second.wire] },
  end: { kind: 'end' },
}

/** Each message by itself, and as it stands on the stream: behind its length. */
export function describeSync() {
  return Object.fromEntries(
    Object.entries(MESSAGES).map(([name, message]) => {
      const bytes = encodeSync(message)
      const prefix = varint(bytes.length)
      return [name, { message: toHex(bytes), framed: toHex(Buffer.concat([prefix, bytes])) }]
    }),
  )
}

/** The salt of the exchange that begins with the two HELLOs, the marks of chains in it, and prints. */
export function describeComparing() {
  return {
    opener: toHex(encodeSync(opens)),
    answerer: toHex(encodeSync(answers)),
    salt,
    marks: chains.map(chain => ({ author: chain.author, log: chain.log, mark: compare.shortHashOf(chain) })),
    prints: { nothing: compare.fingerprintOf([]), both: compare.fingerprintOf(chains) },
  }
}

/** Unsigned varint: 7 bits a byte, least significant first. https://github.com/multiformats/unsigned-varint */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.from([...bytes, rest])
}
