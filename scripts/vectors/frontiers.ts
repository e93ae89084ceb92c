/** What a peer holds after the short talk, before bob's message of the future: as a frontier and its digest. */

import { encodeCbor } from '../../src/protocol/cbor.ts'
import { encodeHeads, frontierDigest, sortedChains } from '../../src/protocol/frontier.ts'
import type { ChainId } from '../../src/protocol/ids.ts'
import { chainId, toHex } from '../../src/protocol/ids.ts'
import type { Chain } from '../../src/room/messages/chains.ts'
import { reply, wave } from './messages.ts'
import { crypto } from './world.ts'

function chainOf({ author, log, seq, id, ts }: typeof wave): [ChainId, Chain] {
  return [chainId(author, log), { author, log, heads: [{ seq, id, ts }], base: 0 }]
}

// bob's key is the greater one, so that sorting shows
const held: ReadonlyMap<ChainId, Chain> = new Map([chainOf(reply), chainOf(wave)])

export const chains = sortedChains(held)
export const digest = frontierDigest(held, crypto)
export const emptyDigest = frontierDigest(new Map(), crypto)

export function describeFrontiers() {
  const heads = chains.map(({ author, log, heads }) => ({
    author,
    log,
    heads: heads.map(({ seq, id }) => ({ seq, id })),
  }))
  return {
    empty: { chains: [], cbor: toHex(encodeCbor([])), digest: emptyDigest },
    talk: { chains: heads, cbor: toHex(encodeCbor(chains.map(encodeHeads))), digest },
  }
}
