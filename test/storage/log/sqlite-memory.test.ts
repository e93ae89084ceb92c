/**
 * The log on disk and its twin in memory are told the same, and must say the same: at once, after a commit, after a
 * rollback, and after a restart.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { encodeContent, KIND } from '../../../src/protocol/content.ts'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import type { Chain } from '../../../src/protocol/frontier.ts'
import type { ChainId, RoomId } from '../../../src/protocol/ids.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import type { Entry, Proof, RoomLog } from '../../../src/room/log.ts'
import { openLogStore } from '../../../src/storage/log/sqlite/store.ts'
import { message, next } from '../../support/core-chain.ts'
import { CountingCrypto, EPOCH, logIdOf, signerOf } from '../../support/core-world.ts'
import { MemoryLog } from '../../support/memory-log/memory-log.ts'
import { SEED } from '../../support/seed.ts'
import { LIVES } from './sqlite-memory.lives.ts'

const SIGNERS = ['alice', 'bob', 'carol'].map(signerOf)
const CHAINS = SIGNERS.flatMap(({ author }) => [1, 2].map(log => chainId(author, logIdOf(log))))
const LIMITS = [
  { count: 3, bytes: 10_000 },
  { count: 100, bytes: 500 },
  { count: 100, bytes: 10_000 },
]

const folder = mkdtempSync(join(tmpdir(), 'parley-twin-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Step {
  readonly act: keyof typeof ACTS
  readonly who: number
  readonly log: number
  readonly pick: number
  readonly proof: Proof
}

/** What a step is about, as the twin sees it. */
interface Scene extends Step {
  readonly twin: RoomLog
  readonly chain: ChainId
  readonly last: Entry | undefined
}

/** What could stand before a chain that begins in its middle. */
const BEFORE = new Map<string, Envelope>()

/** What each act does to a log; worked out once, and done to both. */
const ACTS = {
  append: ({ twin, chain, last, pick, who, log, proof }: Scene) => {
    const place = twin.at(chain, twin.length(chain) - 1 - (pick % 3))
    const parent = place[pick % Math.max(1, place.length)]
    if (last !== undefined && parent === undefined) return undefined
    return appending(parent?.envelope, { who, log, pick, proof }, twin)
  },
  root: ({ twin, chain, last, pick, who, log, proof }: Scene) => {
    const seq = twin.length(chain) + 1 + pick
    const ts = (last?.envelope.ts ?? EPOCH) + 5
    const prev = seq === 1 ? null : ('0'.repeat(64) as Envelope['id'])
    const before = message(signer(who), { seq: seq - 1, ts: ts - 1, prev, log: logIdOf(log) })
    const envelope = next(before, signer(who))
    BEFORE.set(envelope.id, before)
    return pick > 1 ? undefined : (one: RoomLog) => one.append({ envelope, proof })
  },
  before: ({ twin, chain, pick, proof }: Scene) => {
    const envelopes = Array.from({ length: twin.length(chain) }, (_, seq) => twin.at(chain, seq)[0]?.envelope)
    const gaps = envelopes.flatMap(one => (one !== undefined && BEFORE.get(one.id)) || [])
    const envelope = gaps.findLast(one => twin.at(chain, one.seq).length === 0 || pick > 8)
    return envelope === undefined || twin.has(envelope.id)
      ? undefined
      : (one: RoomLog) => one.append({ envelope, proof })
  },
  begin: ({ twin, chain, who, log, pick, proof }: Scene) => {
    const envelope = message(signer(who), { ts: EPOCH - 50 + pick, log: logIdOf(log) })
    return twin.at(chain, 0).length > 0 ? undefined : (one: RoomLog) => one.append({ envelope, proof })
  },
  remove: ({ last }: Scene) => last && ((one: RoomLog) => one.remove(last.envelope.id)),
  close: ({ twin, chain, who, log, pick }: Scene) => {
    const whole = summary({ twin, chain, who, log })
    return (one: RoomLog) => one.save(pick % 2 === 0 ? whole : { ...whole, closedAt: pick })
  },
  putBy: ({ who, log, pick, proof }: Scene) => {
    const envelope = message(signer(who), { log: logIdOf(log), text: `put by ${pick}` })
    return (one: RoomLog) => one.storePending({ envelope, proof })
  },
  drop: ({ twin, pick }: Scene) => {
    const chosen = twin.allPending()[pick]
    return chosen && ((one: RoomLog) => one.dropPending(chosen.envelope.id))
  },
  hold: ({ who, chain, pick }: Scene) => {
    const peer = signer(who).author
    return (one: RoomLog) =>
      pick === 0 ? one.dropHolding(peer) : one.setHolding({ chain, peer, length: pick })
  },
  prune: ({ twin, pick, chain }: Scene) => {
    const keepFrom = (id: ChainId) => (id === chain ? pick : Number.POSITIVE_INFINITY)
    const retention = pick % 2 === 0 ? { since: EPOCH + pick } : { bytes: 200 * pick }
    const bases = twin.prune(retention, keepFrom, pick)
    return (one: RoomLog) => {
      if (one !== twin) expect(one.prune(retention, keepFrom, pick)).toEqual(bases)
    }
  },
  renew:
    ({ pick }: Scene) =>
    (one: RoomLog) =>
      one.startNewChain(logIdOf(100 + pick)),
  commit: () => (one: RoomLog) => one.commit(),
  rollback: () => (one: RoomLog) => one.rollback(),
}

function signer(who: number) {
  return SIGNERS[who] ?? signerOf('nobody')
}

function appending(
  parent: Envelope | undefined,
  { who, log, pick, proof }: Pick<Step, 'who' | 'log' | 'pick' | 'proof'>,
  twin: RoomLog,
) {
  const text = `${pick}`
  const ref = pick > 5 ? twin.latest(pick)[0]?.envelope.id : undefined
  const edit = ref && encodeContent({ kind: 'edit', name: 'someone', newText: text, ref })
  const envelope =
    parent === undefined
      ? message(signer(who), { text, ts: EPOCH + pick, log: logIdOf(log) })
      : next(parent, signer(who), { text, ...edit })
  return twin.has(envelope.id) ? undefined : (one: RoomLog) => one.append({ envelope, proof })
}

/** What the core saves of a chain: always with the heads and the fork of the messages that are there. */
function summary({ twin, who, log, chain: id }: Pick<Scene, 'twin' | 'who' | 'log' | 'chain'>): Chain {
  const places = Array.from({ length: twin.length(id) }, (_, seq) => twin.at(id, seq))
  const forkedAt = places.findIndex(place => place.length > 1)
  const heads = (places.at(-1) ?? []).map(({ envelope: { seq, id, ts } }) => ({ seq, id, ts }))
  const base = Math.max(
    0,
    places.findIndex(place => place.length > 0),
  )
  const chain = { author: signer(who).author, log: logIdOf(log), heads, base }
  const lacks = base > 1 ? { lacksFrom: base - 1 } : {}
  return { ...chain, ...lacks, ...(forkedAt >= 0 && { forkedAt }) }
}

function perform(step: Step, twin: RoomLog, log: RoomLog): void {
  const chain = chainId(signer(step.who).author, logIdOf(step.log))
  const scene = { ...step, twin, chain, last: twin.at(chain, twin.length(chain) - 1).at(-1) }
  const deed = ACTS[step.act](scene)
  if (deed === undefined) return
  for (const one of [twin, log]) deed(one)
  if (['append', 'root', 'before', 'begin', 'remove'].includes(step.act))
    for (const one of [log, twin]) one.save(summary(scene))
}

/** Everything that a log says. */
function whole(log: RoomLog, all: readonly Envelope[]): unknown {
  return {
    logId: log.logId,
    latest: [log.latest(1_000), log.latest(3)],
    putBy: log.allPending(),
    holdings: log.holdings(),
    chains: [...log.chains()].sort((a, b) => (a.author + a.log < b.author + b.log ? -1 : 1)),
    bytes: SIGNERS.map(({ author }) => log.bytesOf(author)),
    places: CHAINS.map(chain => Array.from({ length: log.length(chain) }, (_, seq) => log.at(chain, seq))),
    ranges: CHAINS.flatMap(chain => LIMITS.flatMap(limit => [0, 2].map(seq => log.range(chain, seq, limit)))),
    starts: CHAINS.flatMap(chain =>
      Array.from({ length: log.length(chain) }, (_, seq) =>
        log.at(chain, seq).length === 0 ? 0 : log.contiguousFrom(chain, seq),
      ),
    ),
    before: all.flatMap(({ id }) => LIMITS.map(limit => log.backFrom(id, limit))),
    found: all.map(envelope => [log.has(envelope.id), log.holds(envelope), log.get(envelope.id)]),
    amending: all.map(({ id }) => [
      log.isAmended(id),
      ...[1, 9].map(count => idsOf(log.amendmentsOf({ ref: id, kind: KIND.edit, count }))),
    ]),
  }
}

function idsOf(envelopes: readonly Envelope[]): readonly string[] {
  return envelopes.map(({ id }) => id).sort()
}

const step = fc.record<Step>({
  act: fc.constantFrom(
    ...(Object.keys(ACTS) as Step['act'][]),
    ...(['append', 'append', 'append', 'append', 'append', 'append'] as const),
  ),
  who: fc.nat(SIGNERS.length - 1),
  log: fc.integer({ min: 1, max: 2 }),
  pick: fc.nat(9),
  proof: fc.constantFrom('signature', 'signature', 'successor'),
})

/** After these the logs are compared, and at the end of each life. */
const TOLD: readonly Step['act'][] = ['remove', 'prune', 'rollback']

function live(steps: readonly Step[], twin: RoomLog, log: RoomLog, seen: Envelope[]): void {
  for (const one of steps) {
    perform(one, twin, log)
    seen.push(...twin.latest(1).map(({ envelope }) => envelope))
    if (TOLD.includes(one.act)) expect(whole(log, seen)).toEqual(whole(twin, seen))
  }
  expect(whole(log, seen)).toEqual(whole(twin, seen))
}

test('the log on disk says what its twin says, and says it again after a restart', async () => {
  let rooms = 0
  const lives = fc.array(fc.array(step, { maxLength: 40, size: 'max' }), { minLength: 1, maxLength: 3 })
  const property = fc.asyncProperty(lives, async all => {
    const id = (++rooms).toString(16).padStart(32, '0') as RoomId
    const twin = new MemoryLog(logIdOf(9))
    const seen: Envelope[] = []
    for (const [life, steps] of all.entries()) {
      const { store } = await openLogStore(folder, { crypto: new CountingCrypto() })
      const log = store.room(id, 'tea')
      try {
        if (life === 0) log.startNewChain(twin.logId)
        log.commit()
        expect(whole(log, seen)).toEqual(whole(twin, seen))
        live(steps, twin, log, seen)
      } finally {
        store.close()
      }
      twin.commit()
    }
  })
  const before: readonly (readonly (readonly Step[])[])[] = LIVES
  const examples = before.map((all): [Step[][]] => [all.map(life => [...life])])
  await fc.assert(property, { seed: SEED, numRuns: 40, examples })
})
