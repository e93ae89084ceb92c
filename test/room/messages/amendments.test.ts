/** What becomes of a message: the same for everyone who has the same, and only by those who may. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Amendment } from '../../../src/protocol/content.ts'
import {
  amendmentIn,
  contentOf,
  encodeContent,
  fullEmoji,
  isEmoji,
  KIND,
} from '../../../src/protocol/content.ts'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import type { MessageId, PeerKey } from '../../../src/protocol/ids.ts'
import { fromHex } from '../../../src/protocol/ids.ts'
import {
  MAX_EMOJI_BYTES,
  MAX_REACTING_AUTHORS,
  MAX_REACTIONS_PER_AUTHOR,
  MAX_TEXT_BYTES,
} from '../../../src/protocol/limits.ts'
import {
  indexOf,
  isEffective,
  messageStateOf,
  resolveAmendments,
  withoutOverridden,
} from '../../../src/room/messages/amendments.ts'
import { message } from '../../support/core-chain.ts'
import { EPOCH, logIdOf, signerOf } from '../../support/core-world.ts'
import { MemoryLog } from '../../support/memory-log/memory-log.ts'
import { SEED } from '../../support/seed.ts'

const ALICE = signerOf('alice')
const BOB = signerOf('bob')
const CAROL = signerOf('carol')
const AUTHORS = [ALICE, BOB, CAROL]

const target = message(ALICE, { text: 'hello' })
const other = message(BOB, { text: 'another' })

type Doing = Amendment extends infer One ? (One extends Amendment ? Omit<One, 'name'> : never) : never

/** A message that amends, in a chain of its own. */
function amend(doing: Doing, { by = ALICE, ts = 1, log = 100 } = {}): Envelope {
  const words = encodeContent({ ...doing, name: 'someone' } as Amendment)
  return message(by, { ...words, ts: EPOCH + ts, log: logIdOf(log) })
}

const edit = (newText: string, ref = target.id): Doing => ({ kind: 'edit', newText, ref })
const deletion = (ref = target.id): Doing => ({ kind: 'deletion', ref })
const react = (emoji: string, isOn = true, ref = target.id): Doing => ({ kind: 'reaction', emoji, isOn, ref })

const reacting = (emoji: string) => encodeContent({ ...react(emoji), name: 'someone' } as Amendment)

function reactionsOf(envelopes: readonly Envelope[]): readonly string[] {
  return messageStateOf(target, envelopes)?.reactions.map(one => one.emoji) ?? []
}

/** What of a message one amendment decides. */
function keyOf(by: Envelope): string {
  const amendment = amendmentIn(by)
  return amendment?.kind === 'reaction' ? amendment.emoji : 'text'
}

const anyDoing: fc.Arbitrary<Doing> = fc.oneof(
  fc.constantFrom('one', 'two', 'three').map(text => edit(text)),
  fc.constant(edit('of another', other.id)),
  fc.constant(deletion(other.id)),
  fc.record({
    kind: fc.constant('reaction' as const),
    ref: fc.constantFrom(target.id, other.id),
    emoji: fc.constantFrom('👍', '🎉', 'no emoji'),
    isOn: fc.boolean(),
  }),
)
const anyAmending = fc.record({
  doing: fc.oneof({ weight: 20, arbitrary: anyDoing }, { weight: 1, arbitrary: fc.constant(deletion()) }),
  by: fc.constantFrom(...AUTHORS),
  ts: fc.integer({ min: 1, max: 6 }),
  log: fc.integer({ min: 100, max: 110 }),
})
/** What amends something, and two orders in which it may come, some of it twice. */
const arrivals = fc.array(anyAmending, { maxLength: 25 }).chain(all => {
  const envelopes = all.map(({ doing, ...rest }) => amend(doing, rest))
  const order = fc.shuffledSubarray(envelopes, { minLength: envelopes.length })
  const again = fc.subarray(envelopes)
  return fc.tuple(order, order, again)
})

describe(`what became of a message (SEED=${SEED})`, () => {
  test('depends on what there is, and not on how it came', () => {
    fc.assert(
      fc.property(arrivals, ([one, two, again]) => {
        const standing = messageStateOf(target, one)
        expect(messageStateOf(target, [...two, ...again])).toEqual(standing)
        expect(resolveAmendments(target, indexOf([...again, ...two]), 'whole')).toEqual(standing)
        expect(resolveAmendments(target, logOf(two), 'whole')).toEqual(standing)
      }),
      { seed: SEED, numRuns: 150 },
    )
  })

  test('is told by exactly those that made it so', () => {
    fc.assert(
      fc.property(arrivals, ([all]) => {
        const log = indexOf(all)
        const telling = all.filter(by => {
          const amendment = amendmentIn(by)
          return amendment?.ref === target.id && isEffective(by, amendment, target, log)
        })
        expect(messageStateOf(target, telling)).toEqual(messageStateOf(target, all))
        expect(withoutOverridden(all)).toEqual(expect.arrayContaining(telling))
        // so it doesn't matter in which order they are told
        const keys = telling.map(by => `${by.kind === KIND.reaction ? by.author : ''} ${keyOf(by)}`)
        expect(new Set(keys).size).toBe(new Set(telling.map(by => by.id)).size)
      }),
      { seed: SEED, numRuns: 150 },
    )
  })

  test('is what the last edit of its author says, whatever others try', () => {
    const all = [
      amend(edit('first'), { ts: 1 }),
      amend(edit('last'), { ts: 3 }),
      amend(edit('second'), { ts: 2 }),
      amend(edit('forged'), { ts: 9, by: BOB }),
    ]
    const standing = messageStateOf(target, all)
    expect(standing?.said).toEqual({ kind: 'text', name: 'someone', text: 'last' })
    expect(standing?.edited).toEqual({ ts: EPOCH + 3, id: all[1]?.id })
  })

  test('is nothing once its author deleted it, for good, whatever others try', () => {
    const forged = amend(deletion(), { by: BOB })
    expect(messageStateOf(target, [forged])?.deleted).toBeUndefined()
    const gone = [
      amend(deletion(), { ts: 2 }),
      amend(edit('back'), { ts: 9 }),
      amend(react('👍'), { by: BOB }),
    ]
    expect(messageStateOf(target, gone)).toEqual({
      said: { kind: 'text', name: 'someone', text: '' },
      deleted: { ts: EPOCH + 2, id: gone[0]?.id },
      reactions: [],
    })
  })

  test('has the reactions that were not taken back, each once', () => {
    const all = [
      amend(react('👍'), { ts: 1 }),
      amend(react('👍'), { ts: 2, by: BOB }),
      amend(react('👍'), { ts: 3, by: BOB, log: 101 }),
      amend(react('🎉'), { ts: 4, by: BOB }),
      amend(react('👍', false), { ts: 5 }),
    ]
    expect(messageStateOf(target, all)?.reactions.map(({ author, emoji }) => [author, emoji])).toEqual([
      [BOB.author, '👍'],
      [BOB.author, '🎉'],
    ])
  })

  test('has of each author only the last few reactions, however many there are', () => {
    const flood = Array.from({ length: 3 * MAX_REACTIONS_PER_AUTHOR }, (_, index) =>
      amend(react(String.fromCodePoint(0x1f600 + (index % 60))), { ts: index + 1, by: BOB }),
    )
    const honest = amend(react('👍'), { by: CAROL })
    const all = [honest, ...flood]
    expect(reactionsOf(all).length).toBeLessThanOrEqual(1 + MAX_REACTIONS_PER_AUTHOR)
    expect(reactionsOf(all)).toContain('👍')
    expect(withoutOverridden([target, ...all]).length).toBe(2 + MAX_REACTIONS_PER_AUTHOR)
    expect(resolveAmendments(target, logOf(all), 'whole')).toEqual(messageStateOf(target, all))
  })

  test('has reactions of so many authors, the same ones everywhere', () => {
    const crowd = Array.from({ length: MAX_REACTING_AUTHORS + 20 }, (_, index) => {
      const author = index.toString(16).padStart(64, '0') as PeerKey
      return message({ author, sign: () => new Uint8Array(64) }, reacting('👍'))
    })
    const authors = messageStateOf(target, crowd)?.reactions.map(one => one.author) ?? []
    expect(authors.toSorted()).toEqual(crowd.slice(0, MAX_REACTING_AUTHORS).map(one => one.author))
    expect(resolveAmendments(target, logOf(crowd.toReversed()), 'whole')).toEqual(
      messageStateOf(target, crowd),
    )
    expect(resolveAmendments(target, logOf(crowd), 'words')?.reactions).toEqual([])
  })

  test('has no reaction that is no emoji', () => {
    const strange = ['a', '👍👍', '\u001b[31m', ' ', '👍 ', '\u{202e}', 'x'.repeat(MAX_EMOJI_BYTES)]
    expect(reactionsOf(strange.map((emoji, index) => amend(react(emoji), { ts: index + 1 })))).toEqual([])
  })

  test('is nothing for what says nothing itself', () => {
    const by = amend(edit('one'))
    expect(messageStateOf(by, [amend(edit('two', by.id))])).toBeUndefined()
    expect(messageStateOf(message(ALICE, { kind: 99, body: 1 }), [])).toBeUndefined()
  })
})

describe('kinds that amend', () => {
  const ref = fromHex(target.id)

  test.each<[string, number, unknown]>([
    ['a reply without an id', KIND.reply, ['ann', 'hi']],
    ['a reply to an id of 31 bytes', KIND.reply, ['ann', 'hi', ref.subarray(1)]],
    ['an empty reply', KIND.reply, ['ann', '', ref]],
    ['a reply to a text', KIND.reply, ['ann', 'hi', target.id]],
    ['an edit to nothing', KIND.edit, ['ann', '', ref]],
    ['a long edit', KIND.edit, ['ann', 'x'.repeat(MAX_TEXT_BYTES + 1), ref]],
    ['an edit with more', KIND.edit, ['ann', 'hi', ref, 1]],
    ['a deletion without a name', KIND.deletion, ['', ref]],
    ['a deletion of nothing', KIND.deletion, ['ann']],
    ['a reaction that is neither on nor off', KIND.reaction, ['ann', ref, '👍', 1]],
    ['an empty reaction', KIND.reaction, ['ann', ref, '', true]],
    ['a huge reaction', KIND.reaction, ['ann', ref, '👍'.repeat(17), true]],
    ['a code block without a name', KIND.code, ['x']],
  ])('are malformed as %s', (_, kind, body) => {
    expect(contentOf({ kind, body })).toEqual({ kind: 'malformed' })
  })

  test('are read back as they were written', () => {
    const name = 'ann'
    const id: MessageId = target.id
    for (const content of [
      { kind: 'reply', name, text: 'hi', ref: id },
      { kind: 'code', name, text: 'a\n\nb' },
      { kind: 'edit', name, newText: 'hi', ref: id },
      { kind: 'deletion', name, ref: id },
      { kind: 'reaction', name, ref: id, emoji: '👍', isOn: false },
    ] as const) {
      expect(contentOf(encodeContent(content))).toEqual(content)
    }
  })
})

test('an emoji is one picture, of as many code points as it takes', () => {
  for (const one of ['👍', '👍🏽', '❤️', '🏳️‍🌈', '👩🏽‍❤️‍💋‍👨🏿', '1️⃣', '🇩🇪', '🏴󠁧󠁢󠁥󠁮󠁧󠁿']) {
    expect([isEmoji(one), Buffer.byteLength(one) <= MAX_EMOJI_BYTES]).toEqual([true, true])
  }
  for (const none of ['', 'a', '❤', '👍👍', '🏽'.repeat(2), '\u200d', '1']) expect(isEmoji(none)).toBe(false)
  expect([fullEmoji('❤'), fullEmoji('👍'), fullEmoji('x')]).toEqual(['❤️', '👍', undefined])
})

/** A log in which these came in this order, each in a chain of its own. */
function logOf(envelopes: readonly Envelope[]): MemoryLog {
  const log = new MemoryLog(logIdOf(1))
  for (const envelope of new Set(envelopes)) {
    if (!log.has(envelope.id)) log.append({ envelope, proof: 'signature' })
  }
  return log
}
