/** The messages of `/parley/sync/1`, as carol, who holds nothing yet, might have them with bob. */
import { toHex } from '../../src/core/ids.ts'
import type { SyncMessage } from '../../src/core/sync-message.ts'
import { encodeSync } from '../../src/core/sync-message.ts'
import { chains, digest } from './frontiers.ts'
import { hello, second, wave } from './messages.ts'
import { hereWire } from './presence.ts'
import { ALICE, ROOM } from './world.ts'

const MESSAGES: Readonly<Record<string, SyncMessage>> = {
  hello: { kind: 'hello', room: ROOM, beacon: hereWire, digest },
  have: { kind: 'have', chains, part: 'last' },
  haveNothing: { kind: 'have', chains: [], part: 'last' },
  want: { kind: 'want', wants: [{ author: ALICE.signer.author, log: ALICE.log, seq: 0 }] },
  messages: { kind: 'messages', wires: [hello.wire, second.wire, wave.wire] },
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

/** Unsigned varint: 7 bits a byte, least significant first. https://github.com/multiformats/unsigned-varint */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.from([...bytes, rest])
}
