import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ListedRegistration } from '../../../src/helper/rendezvous/registry.ts'
import { Registry } from '../../../src/helper/rendezvous/registry.ts'
import { SEED } from '../../support/seed.ts'
import { CONFIG, EPOCH, OTHER, ROOM } from './registry-kit.ts'

/** Reads all pages. */
function read(
  table: Registry,
  namespace: string,
  count: number,
  bytes: number,
  now: number,
): ListedRegistration[] {
  const all: ListedRegistration[] = []
  let cookie: Uint8Array | undefined
  for (;;) {
    const page = table.discover({ namespace, ...(cookie && { cookie }), count, bytes }, now)
    if (page.kind === 'refused') throw new Error(page.reason)
    expect(page.registrations.length).toBeLessThanOrEqual(count)
    all.push(...page.registrations)
    if (page.rest === 'none') return all
    expect(page.registrations.length).toBeGreaterThan(0)
    cookie = page.cookie
  }
}

const peer = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')
const namespace = fc.constantFrom(ROOM, '/parley/1/bb', OTHER, '/other/2')
const source = fc.constantFrom('net1', 'net2', 'net3')
const step = fc.oneof(
  fc.record({
    kind: fc.constant('register' as const),
    peer,
    namespace,
    source,
    content: fc.constantFrom('1', '22'),
    ttlSeconds: fc.constantFrom(60, 100, 500),
  }),
  fc.record({ kind: fc.constant('unregister' as const), peer, namespace }),
  fc.record({ kind: fc.constantFrom('departed' as const, 'returned' as const), peer }),
  fc.record({ kind: fc.constant('expire' as const) }),
)
const history = fc.array(fc.record({ step, wait: fc.constantFrom(0, 1, 30_000, 70_000) }), { maxLength: 80 })

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

interface Held {
  readonly peer: string
  readonly namespace: string
  readonly source: string
  readonly content: string
  readonly end: number
  readonly left: number
}

/** What the table should hold, kept in the simplest way. */
class Model {
  held: Held[] = []

  present(now: number) {
    const grace = (namespace: string) =>
      namespace.startsWith('/parley/') ? 60_000 : Number.POSITIVE_INFINITY
    return this.held.filter(one => now < one.end && now < one.left + grace(one.namespace))
  }
}

test(`behaves like a plain list, page by page, and never exceeds a limit (SEED=${SEED})`, () => {
  fc.assert(
    fc.property(
      history,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 6 }),
      (steps, count, bytes) => {
        const table = new Registry(CONFIG, EPOCH)
        const model = new Model()
        let now = 0
        for (const { step, wait } of steps) {
          now += wait
          model.held = model.present(now)
          apply(table, model, step, now)
          for (const name of [ROOM, '/parley/1/bb', OTHER, '/other/2']) {
            const expected = model.present(now).filter(one => one.namespace === name)
            expect(read(table, name, count, bytes, now).map(one => one.peer)).toEqual(
              expected.map(one => one.peer),
            )
          }
          expect(table.stats().registrations).toBeLessThanOrEqual(CONFIG.registrations)
        }
        expectLimits(model.present(now))
        table.expire(now)
        expect(table.stats().registrations).toBe(model.present(now).length)
      },
    ),
    { seed: SEED },
  )
})

function apply(table: Registry, model: Model, step: Step, now: number): void {
  const is = ({ peer, namespace }: Held) =>
    'peer' in step && peer === step.peer && (!('namespace' in step) || namespace === step.namespace)
  switch (step.kind) {
    case 'register':
      register(table, model, step, now)
      return
    case 'unregister':
      table.unregister(step.namespace, step.peer)
      model.held = model.held.filter(one => !is(one))
      return
    case 'departed':
      table.onDisconnected(step.peer, now)
      model.held = model.held.map(one => (is(one) ? { ...one, left: Math.min(one.left, now) } : one))
      return
    case 'returned':
      table.onConnected(step.peer, now)
      model.held = model.held.map(one => (is(one) ? { ...one, left: Number.POSITIVE_INFINITY } : one))
      return
    case 'expire':
      table.expire(now)
  }
}

function register(table: Registry, model: Model, step: Step & { kind: 'register' }, now: number): void {
  const is = ({ peer, namespace }: Held) => peer === step.peer && namespace === step.namespace
  const result = table.register({ ...step, record: Buffer.from(step.content) }, now)
  if (result.kind === 'refused') return
  const before = model.held.find(is)
  const { peer, namespace, content } = step
  const source = before?.source ?? step.source
  const end = now + step.ttlSeconds * 1000
  const after = { peer, namespace, source, content, end, left: Number.POSITIVE_INFINITY }
  const renewed = before?.content === content ? 'same' : 'changed'
  expect(result.change).toBe(before === undefined ? 'new' : renewed)
  if (result.change === 'same') model.held = model.held.map(one => (is(one) ? after : one))
  else model.held = [...model.held.filter(one => !is(one)), after]
}

function expectLimits(held: readonly Held[]): void {
  const most = (key: (one: Held) => string) =>
    Math.max(
      0,
      ...Map.groupBy(held, key)
        .values()
        .map(group => group.length),
    )
  expect(most(one => one.peer)).toBeLessThanOrEqual(CONFIG.perPeer)
  expect(most(one => one.namespace)).toBeLessThanOrEqual(CONFIG.perNamespace)
  expect(most(one => one.source)).toBeLessThanOrEqual(CONFIG.perSource)
  const place = ({ source, namespace }: Held) => `${source} ${namespace}`
  expect(most(place)).toBeLessThanOrEqual(CONFIG.perSourceAndNamespace)
  expect(held.filter(one => one.namespace.startsWith('/other')).length).toBeLessThanOrEqual(CONFIG.lasting)
}
