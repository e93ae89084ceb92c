/** The search by the index beside the simplest one: looking at every message. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeContent } from '../../../../src/protocol/content.ts'
import type { Envelope } from '../../../../src/protocol/envelope.ts'
import { compare } from '../../../../src/protocol/envelope.ts'
import type { RoomId } from '../../../../src/protocol/ids.ts'
import type { RoomLog } from '../../../../src/room/log.ts'
import { messageStateOf } from '../../../../src/room/messages/amendments.ts'
import type { LogStore, StoredWithState } from '../../../../src/storage/log/log-store.ts'
import { hasPhrases, phrasesOf, wordsOf } from '../../../../src/storage/log/sqlite/search-index.ts'
import { EPOCH, logIdOf, ROOM } from '../../../support/core-world.ts'
import { SEED } from '../../../support/seed.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { appendAll, opening, Scribe, textsOf } from '../log-kit.ts'

const folder = temporaryFolder()
const FOREVER = () => Number.POSITIVE_INFINITY

interface Step {
  readonly who: number
  readonly said: string
  readonly pause: number
  readonly room: number
  readonly act: number
  /** How far back the message is that it amends; more than 9 for none. */
  readonly amends: number
}

/** A room, and what it holds as an array. */
class Place {
  readonly id: RoomId
  readonly log: RoomLog
  held: Envelope[] = []
  #committed: Envelope[] = []
  readonly #scribes = ['ann', 'bo', 'cy'].map(name => new Scribe(name))
  readonly #times = [0, 0, 0]

  constructor(store: LogStore, number: number) {
    this.id = number.toString(16).padStart(32, '0') as RoomId
    this.log = store.room(this.id, `room ${number}`)
  }

  say(step: Step): void {
    const { who, said, pause } = step
    const scribe = this.#scribes[who]
    if (scribe === undefined) return
    const ts = Math.max(...this.#times) + pause - 1
    this.#times[who] = Math.max(ts, (this.#times[who] ?? 0) + 1)
    const fields = { room: this.id, ts: EPOCH + (this.#times[who] ?? 0), ...this.#amending(step) }
    const envelope = scribe.said(said, fields)
    appendAll(this.log, [envelope])
    this.held.push(envelope)
  }

  /** Every third message amends one that anybody said before, or will say, if he may or not. */
  #amending({ said, amends }: Step): Partial<Envelope> {
    const ref = this.held.at(-Math.abs(amends) - 1)?.id
    if (amends > 9 || ref === undefined) return {}
    const name = 'someone'
    if (amends % 3 === 0) return encodeContent({ kind: 'deletion', name, ref })
    return encodeContent({ kind: 'edit', name, newText: said, ref })
  }

  commit(): void {
    this.log.commit()
    this.#committed = [...this.held]
  }

  rollback(): void {
    this.log.rollback()
    this.held = [...this.#committed]
  }

  prune(): void {
    const since = this.held.at(-1)?.ts ?? 0
    this.log.prune({ since }, FOREVER, 3)
    this.held = this.held.filter(({ id }) => this.log.has(id))
  }

  find(words: string): readonly Envelope[] {
    const phrases = phrasesOf(words)
    if (phrases.length === 0) return []
    const textOf = (one: Envelope) => messageStateOf(one, this.held)?.said.text ?? ''
    return this.held.filter(envelope => hasPhrases(wordsOf(textOf(envelope)), phrases)).sort(compare)
  }
}

/** Without what became of it. */
function bare({ state: _, ...envelope }: StoredWithState): Envelope {
  return envelope
}

function act(store: LogStore, places: readonly Place[], step: Step): void {
  const place = places[step.room]
  place?.say(step)
  if (step.act === 0) while (store.indexSome() === 'more');
  if (step.act === 1) for (const each of places) each.commit()
  if (step.act === 2) place?.prune()
  if (step.act === 3) for (const each of places) each.rollback()
}

/** Words that are each other's beginnings, of several scripts. */
const word = fc.constantFrom('a', 'ab', 'abc', 'b', 'c1', 'Äb', '東京', '京', 'é', '!')
const said = fc.array(word, { minLength: 1, maxLength: 4 }).map(words => words.join(' '))
const story = fc.array(
  fc.record<Step>({
    said,
    who: fc.nat(2),
    pause: fc.nat(2),
    room: fc.nat(1),
    act: fc.nat(9),
    amends: fc.nat(29),
  }),
  { maxLength: 60, size: 'max' },
)

test('finds the same, in the same order', async () => {
  const { store } = await opening(folder(), { scanCount: 0 })
  let rooms = 0
  const property = fc.property(story, said, fc.integer({ min: 1, max: 5 }), (steps, words, limit) => {
    const places = [new Place(store, ++rooms), new Place(store, ++rooms)] as const
    for (const step of steps) act(store, places, step)
    for (const place of places) {
      const all = place.find(words)
      const read = (before?: Envelope) =>
        store.archive.read({ room: place.id, limit, words, ...(before && { before }) })
      expect(read().map(bare)).toEqual(all.slice(-limit))
      const [first] = all.slice(-limit)
      if (first !== undefined) expect(read(first).map(bare)).toEqual(all.slice(0, -limit).slice(-limit))
    }
  })
  fc.assert(property, { seed: SEED, numRuns: 100 })
  store.close()
})

test('a thousand chains that write at one moment hold up nobody else, and most of it is found', async () => {
  const { store } = await opening(folder())
  const log = store.room(ROOM, 'crowded')
  const count = 10_000
  const scribe = new Scribe('eve')
  const crowd = Array.from({ length: count }, (_, index) =>
    scribe.said(`word ${index}`, { log: logIdOf(index), seq: 0, prev: null, ts: EPOCH }),
  )
  appendAll(log, [
    ...crowd,
    scribe.said('word after', { log: logIdOf(count), seq: 0, prev: null, ts: EPOCH + 1 }),
  ])
  store.commit()
  while (store.indexSome() === 'more');
  const found = store.archive.read({ room: ROOM, words: 'word', limit: count })
  expect(textsOf(found).at(-1)).toBe('word after')
  expect(found.length).toBeGreaterThan(1_000)
  store.close()
}, 20_000)
