import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCbor, encodeCbor } from '../../src/protocol/cbor.ts'
import {
  decodeChain,
  encodeChain,
  encodeHeads,
  frontierDigest,
  sortedChains,
} from '../../src/protocol/frontier.ts'
import { MAX_HEADS } from '../../src/protocol/limits.ts'
import { Chains } from '../../src/room/messages/chains.ts'
import { ALICE, BOB, chainHeads } from '../support/core-arbitraries.ts'
import { message, next } from '../support/core-chain.ts'
import { CountingCrypto, logIdOf } from '../support/core-world.ts'
import { MemoryLog } from '../support/memory-log/memory-log.ts'
import { SEED } from '../support/seed.ts'

describe('the digest of a frontier', () => {
  const crypto = new CountingCrypto()
  const defined = (all: Chains['all']) => crypto.sha256(encodeCbor(sortedChains(all).map(encodeHeads)))

  test('is that of its encoding, whatever changes', () => {
    const chains = new Chains(new MemoryLog(logIdOf(99)))
    expect(frontierDigest(chains.all, crypto)).toBe(crypto.sha256(new Uint8Array([0x80])))
    for (let log = 0; log < 300; log++) {
      const first = message(log % 2 === 0 ? ALICE : BOB, { log: logIdOf(log) })
      chains.add(first, 'signature')
      if (log % 50 === 0) expect(frontierDigest(chains.all, crypto)).toBe(defined(chains.all))
      if (log % 100 === 0) chains.add(next(first, ALICE), 'signature')
    }
    expect(frontierDigest(chains.all, crypto)).toBe(defined(chains.all))
  })
})

describe('what travels of a frontier', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(chainHeads, chain => {
        expect(decodeChain(decoded(encodeChain(chain)))).toEqual(chain)
      }),
      { seed: SEED },
    )
  })

  test('is refused in any other form', () => {
    const author = new Uint8Array(32)
    const log = new Uint8Array(8)
    const head = [1, new Uint8Array(32)]
    const many = Array.from({ length: MAX_HEADS + 1 }, (_, seq) => [seq + 1, new Uint8Array(32)])
    expect(decodeChain([author, log, many.slice(1), 1])).toBeDefined()
    const wrong = [
      null,
      [],
      [author, log],
      [author, log, [head]],
      [author, log, [], 0],
      [author, log, many, 0],
      [author, log, [[1]], 0],
      [author, log, [[-1, new Uint8Array(32)]], 0],
      [author, log, [[1, new Uint8Array(31)]], 0],
      [new Uint8Array(31), log, [head], 0],
      [author, new Uint8Array(9), [head], 0],
      [author, log, [head], -1],
      [author, log, [head], 2],
      [author, log, [head, head], 0],
      [author, log, [head, [0, new Uint8Array(32)]], 0],
      [author, log, [head], 0, 1],
    ]
    expect(wrong.map(decodeChain).filter(one => one !== undefined)).toEqual([])
  })
})

function decoded(value: unknown): unknown {
  const read = decodeCbor(encodeCbor(value))
  if (read.kind === 'malformed') throw new Error('not read back')
  return read.value
}
