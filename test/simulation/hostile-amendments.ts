/**
 * What a villain does to messages: changes others' with his own keys and in their names, deletes and edits his own
 * again and again, piles up reactions, and refers to what can't be changed or doesn't exist.
 */
import type { Amendment } from '../../src/protocol/content.ts'
import { encodeContent } from '../../src/protocol/content.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { decodeEnvelope } from '../../src/protocol/envelope.ts'
import type { MessageId } from '../../src/protocol/ids.ts'
import { MAX_FRAME_RECORDS, MAX_REACTIONS_PER_AUTHOR } from '../../src/protocol/limits.ts'
import { message, next } from '../support/core-chain.ts'
import { logIdOf } from '../support/core-world.ts'
import type { HostileWords } from './hostile-words.ts'

const NAME = 'nobody'
/** The last two are no emoji; reactions with them are to be kept and not shown. */
const EMOJI = ['👍', '🎉', '😈', 'x', '👍👍'] as const
/** Chains that he may begin for this. */
const LOGS = 10_000
const MOST = 6
const CHAINS = 3

/** The messages of each frame. Each is a chain of its own, so that they may come in any order. */
export function meddling(villain: HostileWords): readonly (readonly Uint8Array[])[] {
  const { dice } = villain
  const refs = Array.from({ length: dice.whole(1, MOST) }, () => refOf(villain))
  const amendments = refs.flatMap(ref => amendmentsOf(villain, ref))
  const chains = Map.groupBy(dice.shuffled(amendments), () => dice.whole(1, CHAINS))
  const frames = [...chains.values()].map(some => chainOf(villain, some.slice(0, MAX_FRAME_RECORDS)))
  const forged = dice.chance(0.2) ? [[inTheNameOf(villain).wire]] : []
  return [...frames, ...forged]
}

function chainOf(villain: HostileWords, amendments: readonly Amendment[]): readonly Uint8Array[] {
  const { dice, signer, own } = villain
  const log = logIdOf(10_000 + dice.whole(0, LOGS))
  const written: Envelope[] = []
  for (const words of amendments.map(encodeContent)) {
    const last = written.at(-1)
    const begins = { log, ts: dice.pick([1, villain.wall()]), ...words }
    written.push(last === undefined ? message(signer, begins) : next(last, signer, words))
  }
  own.push(...written)
  return written.map(one => one.wire)
}

/** What he changes: what others said, or he himself, or nobody. */
function refOf(villain: HostileWords): MessageId {
  const { dice, heard, own, keys, signer } = villain
  const whose = dice.next()
  if (whose < 0.5 && heard.length > 0) return keys.sha256(dice.pick(heard.slice(-12))) as MessageId
  const mine = own.filter(one => one.author === signer.author)
  return whose < 0.95 && mine.length > 0 ? dice.pick(mine.slice(-12)).id : villain.noId()
}

function amendmentsOf({ dice }: HostileWords, ref: MessageId): readonly Amendment[] {
  const edit = (): Amendment => ({
    kind: 'edit',
    name: NAME,
    ref,
    newText: `not what was said ${dice.next()}`,
  })
  const deletion: Amendment = { kind: 'deletion', name: NAME, ref }
  const reaction = (): Amendment => {
    return { kind: 'reaction', name: NAME, ref, emoji: dice.pick(EMOJI), isOn: dice.chance(0.6) }
  }
  switch (dice.pick(['edit', 'delete', 'both', 'react', 'pile up'])) {
    case 'edit':
      return [edit(), edit()]
    case 'delete':
      return [deletion]
    case 'both':
      return [edit(), deletion, edit()]
    case 'react':
      return [reaction()]
    default:
      return Array.from({ length: MAX_REACTIONS_PER_AUTHOR + 4 }, reaction)
  }
}

/** An honest author's own change, as far as he can make it: its signature isn't that author's. */
function inTheNameOf(villain: HostileWords): Envelope {
  const { dice, heard, keys, signer } = villain
  const known = heard.length === 0 ? undefined : decodeEnvelope(dice.pick(heard), keys)
  const { author, id } = known ?? { author: signer.author, id: villain.noId() }
  const words = encodeContent({ kind: 'deletion', name: NAME, ref: id })
  return message(
    { author, sign: bytes => signer.sign(bytes) },
    { log: logIdOf(5), ts: villain.wall(), ...words },
  )
}
