/** Partners on real streams that cheat, stall, flood or hang up: whoever meets them loses an exchange and nothing else. */
import { randomBytes } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { ChainHeads } from '../../../src/protocol/frontier.ts'
import type { MessageId } from '../../../src/protocol/ids.ts'
import type { SyncMessage } from '../../../src/protocol/sync-message.ts'
import { MAX_HAVE_CHAINS, MAX_SYNC_MESSAGE_BYTES } from '../../../src/protocol/sync-message.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain, unsigned } from '../../support/core-chain.ts'
import { chainAt, sorted } from '../../support/core-frontiers.ts'
import { OTHER_ROOM, ROOM, signerOf } from '../../support/core-world.ts'
import type { Line } from './sync-kit.ts'
import { SHORT, SyncStage } from './sync-kit.ts'

const ALICES = chain(ALICE, 40)

function holds(seq: number): ChainHeads {
  const id = (ALICES[seq]?.id ?? 'ee'.repeat(32)) as MessageId
  return {
    author: ALICES[0]?.author ?? ALICE.author,
    log: ALICES[0]?.log as ChainHeads['log'],
    heads: [{ seq, id }],
    base: 0,
  }
}

const hello: SyncMessage = {
  kind: 'hello',
  room: ROOM,
  beacon: new Uint8Array(9),
  digest: '11'.repeat(32),
  chains: 1,
  places: 1,
  lacks: false,
}
const have = (...chains: readonly ChainHeads[]): SyncMessage => ({ kind: 'have', chains, part: 'last' })
const want: SyncMessage = { kind: 'want', wants: [], part: 'last', tail: 0, earlier: [] }
const sent = (from: number, to?: number): SyncMessage => ({
  kind: 'messages',
  wires: ALICES.slice(from, to).map(({ wire }) => wire),
})
const end: SyncMessage = { kind: 'end' }
const OFFER = [hello, have(holds(39)), want]
/** Made beforehand: the one who is attacked lives in this process, and would seem to be kept waiting. */
const STRANGERS = sorted(Array.from({ length: 110 * MAX_HAVE_CHAINS }, (_, number) => chainAt(number)))

/** A member and a stranger that are connected. */
async function meet(stage: SyncStage) {
  const ann = await stage.member('ann', { patience: SHORT })
  const mallory = await stage.stranger('mallory')
  await stage.connect(mallory, ann)
  return { ann, mallory }
}

describe('who does what no honest partner does is cut off, and to blame:', () => {
  const attacks: Readonly<Record<string, (line: Line) => Promise<unknown>>> = {
    'a message that is too long': async line => line.stream.send(lengthOf(MAX_SYNC_MESSAGE_BYTES + 1)),
    'a length without end': async line => line.stream.send(Buffer.alloc(100, 0xff)),
    'noise with its length in front': async line =>
      line.stream.send(Buffer.concat([lengthOf(500), randomBytes(500)])),
    'another greeting': line => line.say(hello),
    'messages that nobody wants': line => line.say(have(), want, sent(0)),
    'later messages than wanted': line => line.say(have(holds(39)), want, sent(5)),
    'forged messages': line =>
      line.say(have(holds(39)), want, {
        kind: 'messages',
        wires: ALICES.slice(0, 3).map(one => unsigned(one).wire),
      }),
    'chains without end': async line => {
      for (let at = 0; at < STRANGERS.length; at += MAX_HAVE_CHAINS) {
        await line.say({ kind: 'have', chains: STRANGERS.slice(at, at + MAX_HAVE_CHAINS), part: 'more' })
      }
    },
  }

  test.each(Object.keys(attacks))('%s', async name => {
    await using stage = new SyncStage()
    const { ann, mallory } = await meet(stage)
    const line = await mallory.open(ann)
    await line.say(hello)
    await attacks[name]?.(line).catch(() => {})
    expect(await ann.ended(1)).toMatchObject([{ kind: 'failed', blame: 'partner' }])
    await line.closed
    expect(ann.held).toEqual([])
  })

  test('as who is asked, it speaks of another room', async () => {
    await using stage = new SyncStage()
    const { ann, mallory } = await meet(stage)
    await mallory.answer(line => line.say({ ...hello, room: OTHER_ROOM }))
    ann.sync.request(ROOM, signerOf('mallory').author)
    expect(await ann.ended(1)).toMatchObject([{ kind: 'failed', blame: 'partner' }])
  })

  test('it goes on after the end', async () => {
    await using stage = new SyncStage()
    const { ann, mallory } = await meet(stage)
    const line = await mallory.open(ann)
    await line.say(...OFFER, sent(0), end)
    await line.until('end')
    const flood = (async () => {
      for (;;) await Promise.all([line.say(end), setImmediate()])
    })()
    await Promise.all([expect(flood).rejects.toThrow(), line.closed])
    expect(ann.held.length).toBe(ALICES.length)
  })

  test('it begins again and again what leads nowhere, until it is expelled', async () => {
    await using stage = new SyncStage()
    const { ann, mallory } = await meet(stage)
    for (let times = 0; ann.expelled.length === 0 && times < 32; times++) {
      const line = await mallory.open(ann)
      if (times % 2 === 0) await line.say({ ...hello, room: OTHER_ROOM })
      else line.stream.send(randomBytes(100))
      await line.closed
    }
    expect(await ann.expels()).toEqual([signerOf('mallory').author])
  })
})

describe('a partner that is too slow costs an exchange, and is not to blame, when it', () => {
  const stalls: Readonly<Record<string, (line: Line) => Promise<unknown>>> = {
    'says nothing after its greeting': async () => {},
    'never comes to an end of its message': async line => {
      line.stream.send(lengthOf(60_000))
      line.stream.send(randomBytes(100))
    },
    'is asked and sends nothing': line => line.say(have(holds(39)), want),
    'stops in the middle': line => line.say(have(holds(39)), want, sent(0, 10)),
  }

  test.each(Object.keys(stalls))('%s', async name => {
    await using stage = new SyncStage()
    const { ann, mallory } = await meet(stage)
    const line = await mallory.open(ann)
    await line.say(hello)
    await stalls[name]?.(line)
    expect(await ann.ended(1)).toMatchObject([{ kind: 'failed', blame: 'nobody' }])
    await line.closed
    expect(ann.held.length).toBe(name.includes('middle') ? 10 : 0)
  })

  test('finds ever more to say and never comes to what it wants', async () => {
    await using stage = new SyncStage()
    const { ann, mallory } = await meet(stage)
    const line = await mallory.open(ann)
    await line.say(hello)
    const chains = sorted(Array.from({ length: 200 }, (_, number) => chainAt(number)))
    const dribble = (async () => {
      for (const one of chains) {
        await line.say({ kind: 'have', chains: [one], part: 'more' })
        await setTimeout(SHORT.stepMs / 10)
      }
    })()
    expect(await ann.ended(1)).toMatchObject([{ kind: 'failed', blame: 'nobody' }])
    await expect(dribble).rejects.toThrow()
  })

  test('does not take what it asked for', async () => {
    await using stage = new SyncStage()
    const { ann, mallory } = await meet(stage)
    ann.give(chain(BOB, 5_000))
    const line = await mallory.open(ann)
    line.stream.pause()
    const wants = [{ index: 0, seq: 0 }]
    await line.say(hello, have(), { ...want, wants }, end)
    expect(await ann.ended(1)).toMatchObject([{ kind: 'failed', blame: 'nobody' }])
  })

  test('hangs up', async () => {
    await using stage = new SyncStage()
    const { ann, mallory } = await meet(stage)
    for (const [round, leave] of (['abort', 'close'] as const).entries()) {
      const line = await mallory.open(ann)
      await line.say(...OFFER, sent(5 * round, 5 * round + 5))
      while (ann.held.length < 5 * round + 5) await setImmediate()
      if (leave === 'abort') line.stream.abort(new Error('changed my mind'))
      else await line.stream.close()
    }
    expect((await ann.ended(2)).map(outcome => outcome.kind === 'failed' && outcome.blame)).toEqual([
      'nobody',
      'nobody',
    ])
  })
})

function lengthOf(bytes: number): Uint8Array {
  const out: number[] = []
  for (let rest = bytes; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...out, rest])
    out.push((rest % 128) | 128)
  }
}
