/** What programs that have ended left on disk: the logs of one room, read by the store itself and compared. */
import { expect } from 'vitest'
import { nodeCrypto } from '../../src/chat/node-crypto.ts'
import { chainId } from '../../src/protocol/ids.ts'
import { roomIdOf } from '../../src/protocol/rooms.ts'
import { openLogStore } from '../../src/storage/log/sqlite/store.ts'
import type { Stage } from './process-stage.ts'

/** Somebody who wrote, and whose program has ended. */
export interface Writer {
  /** Also of the data folder on the stage. */
  readonly name: string
  /** What was acknowledged to be in the log: text by id. */
  readonly acknowledged: ReadonlyMap<string, string>
}

interface Kept {
  readonly texts: ReadonlyMap<string, string>
  /** Ids in the order in which they are shown. */
  readonly order: readonly string[]
  readonly chains: number
}

/**
 * All have the same messages in the same order, in so many whole chains (one for each of them), and what anybody was
 * told to be safe is among them. Resolves with how many messages there are.
 */
export async function expectSameLogs(
  stage: Stage,
  all: readonly Writer[],
  chainCount = all.length,
): Promise<number> {
  const logs = await Promise.all(all.map(({ name }) => keptBy(stage, name)))
  const [first] = logs
  for (const [index, { texts, order, chains }] of logs.entries()) {
    const name = all[index]?.name
    expect(order, name).toEqual(first?.order)
    expect(chains, `${name}: chains`).toBe(chainCount)
    for (const writer of all) {
      const missing = [...writer.acknowledged].filter(([id, text]) => texts.get(id) !== text)
      expect(missing, `${name} lacks what ${writer.name} was told to be safe`).toEqual([])
    }
  }
  return first?.order.length ?? 0
}

/** Reads a log as it is on disk, and checks that each chain is whole and not forked. */
async function keptBy(stage: Stage, data: string): Promise<Kept> {
  const crypto = nodeCrypto()
  const { store, notices } = await openLogStore(stage.path(data), { crypto })
  try {
    expect(notices, data).toEqual([])
    const id = roomIdOf(stage.room, crypto)
    const log = store.room(id, stage.room)
    const chains = [...log.chains()]
    for (const { author, log: logId, heads, forkedAt, base } of chains) {
      const chain = chainId(author, logId)
      const length = log.length(chain)
      expect([heads.length, heads[0]?.seq, forkedAt, base], chain).toEqual([1, length - 1, undefined, 0])
      for (let seq = 0; seq < length; seq++) expect(log.at(chain, seq).length, `${chain} ${seq}`).toBe(1)
    }
    const messages = store.archive.read({ room: id, limit: Number.MAX_SAFE_INTEGER })
    const texts = new Map(messages.map(({ id: message, body }) => [message, textOf(body)]))
    return { texts, order: messages.map(message => message.id), chains: chains.length }
  } finally {
    store.close()
  }
}

function textOf(body: unknown): string {
  return Array.isArray(body) ? String(body[1]) : ''
}
