/**
 * Whether a world ended well: what has to be true once all trouble is over and everybody had time. Whether everyone
 * holds the same can be asked at any time; the rest only after that.
 */

import { isAmending } from '../../src/protocol/content.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { compare } from '../../src/protocol/envelope.ts'
import type { Chain } from '../../src/protocol/frontier.ts'
import type { ChainId, MessageId } from '../../src/protocol/ids.ts'
import { chainId } from '../../src/protocol/ids.ts'
import { FORK_TAIL, MAX_FORKS_PER_PLACE } from '../../src/protocol/limits.ts'
import { PENDING_COUNT } from '../../src/room/policy.ts'
import type { Machine } from './machine.ts'
import { checkAmended } from './standings.ts'
import { Broken, short } from './trace.ts'
import type { World } from './world.ts'

/**
 * What keeps the machines apart; undefined if they hold the same. A villain's chain of which somebody let go the
 * beginning is left out: a fork that shows there later is none for those who can't see it any more.
 */
export function difference(world: World): string | undefined {
  const left = cutChains(world)
  const [first, ...others] = world.alive.map(machine => ({
    name: machine.name,
    heads: headsOf(machine, left),
  }))
  if (first === undefined) return undefined
  for (const other of others) {
    const apart = [
      ...[...first.heads].flatMap(heads => (other.heads.has(heads) ? [] : `${first.name} ${heads}`)),
      ...[...other.heads].flatMap(heads => (first.heads.has(heads) ? [] : `${other.name} ${heads}`)),
    ]
    if (apart.length > 0) return apart.sort().join('; ')
  }
  return undefined
}

/**
 * Villains' chains, and those that were written twice, that don't begin at their beginning everywhere; and those that
 * somebody closed, since who never saw what they were closed for keeps more.
 */
export function cutChains({ alive, witness }: World): ReadonlySet<ChainId> {
  const chains = alive.flatMap(({ disk }) => [...disk.chains()])
  const cut = chains.filter(chain => chain.base > 0 || chain.closedAt !== undefined)
  const ids = cut.flatMap(({ author, log }) => {
    const id = chainId(author, log)
    return witness.tainted.has(id) || !witness.isHonest(author) ? id : []
  })
  return new Set(ids)
}

/** Everything that must be true in the end. */
export function check(world: World): void {
  const { alive } = world
  const everything = everythingOf(world)
  checkAmended(world)
  for (const machine of alive) {
    checkContent(world, machine, everything)
    checkChains(machine)
    checkPutBy(machine)
    checkOrder(machine)
    checkScreen(world, machine)
    checkPeople(machine, alive)
    checkReceipts(machine, alive)
  }
}

/**
 * What everybody must have: all that anybody has. A peer tells from which place on it has a chain; what it has before
 * that place counts only where somebody has everything between the two. No peer can tell another one of messages before
 * a gap that nobody can fill, because everyone who had what is missing there deleted it or lost it.
 */
function everythingOf({ alive }: World): ReadonlyMap<MessageId, Envelope> {
  const all = alive.flatMap(machine => [...machine.disk.kept.values()])
  const places = new Set(all.map(({ author, log, seq }) => `${chainId(author, log)}/${seq}`))
  const isOffered = (machine: Machine, { author, log, seq }: Envelope): boolean => {
    const chain = chainId(author, log)
    const base = baseOf(machine, chain) ?? 0
    for (let next = seq + 1; next < base; next++) if (!places.has(`${chain}/${next}`)) return false
    return true
  }
  const offered = alive.flatMap(machine =>
    [...machine.disk.kept.values()].filter(envelope => isOffered(machine, envelope)),
  )
  return new Map(offered.map(envelope => [envelope.id, envelope]))
}

/** All that anybody who is there has is everywhere, but where it was let go; and what was acknowledged is where it was. */
function checkContent(world: World, machine: Machine, everything: ReadonlyMap<MessageId, Envelope>): void {
  const { witness } = world
  for (const { id, author, log, seq } of everything.values()) {
    const chain = chainId(author, log)
    if (!witness.isHonest(author) || witness.tainted.has(chain) || machine.disk.kept.has(id)) continue
    if (machine.prunes && seq < (baseOf(machine, chain) ?? 0)) continue
    throw new Broken('converges', `${machine.name} lacks ${nameOf(world, author)}'s ${seq} (${short(id)})`)
  }
  if (machine.prunes) return
  for (const id of machine.acknowledged) {
    const written = witness.written.get(id)
    if (written !== undefined && witness.tainted.has(chainId(written.author, written.log))) continue
    if (!machine.disk.kept.has(id))
      throw new Broken('nothing is lost', `${machine.name} lost its ${short(id)}`)
  }
}

/** From the beginning to the end there is a message at each place, and each stands on one before it. */
function checkChains(machine: Machine): void {
  const { disk, name } = machine
  for (const chain of disk.chains()) {
    const id = chainId(chain.author, chain.log)
    if (disk.length(id) > (chain.forkedAt ?? Number.POSITIVE_INFINITY) + FORK_TAIL + 1)
      throw new Broken('forks are bounded', `${name} keeps ${id} long after it was forked`)
    for (let seq = chain.base; seq < disk.length(id); seq++) checkPlace(machine, id, seq, chain.base)
  }
}

function checkPlace({ disk, name }: Machine, id: ChainId, seq: number, base: number): void {
  const before = new Set<MessageId | null>(disk.at(id, seq - 1).map(entry => entry.envelope.id))
  const place = disk.at(id, seq)
  if (place.length === 0) throw new Broken('no gaps', `${name} has nothing at ${seq} of ${id}`)
  if (place.length > MAX_FORKS_PER_PLACE)
    throw new Broken('forks are bounded', `${name} has ${place.length} at ${seq} of ${id}`)
  const isRooted = seq === base || place.every(({ envelope }) => before.has(envelope.prev))
  if (!isRooted) throw new Broken('no gaps', `${name} has ${seq} of ${id} without what it stands on`)
}

/** What is put by waits for something, and there is not too much of it. */
function checkPutBy({ name, disk }: Machine): void {
  const all = disk.allPending()
  if (all.length > PENDING_COUNT) throw new Broken('buffers are bounded', `${name} has ${all.length} put by`)
  const placed = all.find(({ envelope }) => disk.kept.has(envelope.id))
  if (placed !== undefined)
    throw new Broken(
      'nothing is kept twice',
      `${name} has ${short(placed.envelope.id)} in its chain and put by`,
    )
}

/** The log gives its messages in their order, and exactly those that were committed. */
function checkOrder({ name, disk }: Machine): void {
  const listed = disk.latest(Number.MAX_SAFE_INTEGER).map(entry => entry.envelope)
  const kept = [...disk.kept.values()].sort(compare)
  const isSame =
    listed.length === kept.length && listed.every((envelope, index) => envelope.id === kept[index]?.id)
  if (!isSame) throw new Broken('the log tells what it keeps', `${name}: ${listed.length} of ${kept.length}`)
}

/** What came while the program ran was shown. */
function checkScreen(world: World, machine: Machine): void {
  const { life, disk } = machine
  if (life === undefined) throw new Broken('the simulator', `${machine.name} is off at the end`)
  for (const id of life.tookIn) {
    const envelope = disk.kept.get(id)
    if (envelope === undefined || !world.witness.isHonest(envelope.author)) continue
    if (isAmending(envelope.kind) || life.screen.shown.has(id) || life.knownEarly.has(id)) continue
    throw new Broken('everything is shown', `${machine.name} doesn't show ${short(id)}`)
  }
}

function checkPeople({ name, key, life }: Machine, alive: readonly Machine[]): void {
  const here = new Set(life?.room.members.map(person => person.key))
  const missing = alive.find(other => other.key !== key && !here.has(other.key))
  if (missing !== undefined) throw new Broken('people are seen', `${name} doesn't see ${missing.name}`)
}

/** Whoever wrote something knows that others have it. */
function checkReceipts({ name, life }: Machine, alive: readonly Machine[]): void {
  const undelivered = life?.room.undelivered ?? 0
  if (alive.length > 1 && undelivered > 0)
    throw new Broken('receipts come', `${name} doesn't know who has its last ${undelivered}`)
}

function headsOf({ disk }: Machine, left: ReadonlySet<ChainId>): ReadonlySet<string> {
  const chains = [...disk.chains()].filter(
    chain => chain.heads.length > 0 && !left.has(chainId(chain.author, chain.log)),
  )
  return new Set(chains.map(describeHeads))
}

function describeHeads({ author, log, heads }: Chain): string {
  return `${author.slice(0, 4)}/${log.slice(-4)}:${heads.map(({ seq, id }) => `${seq}#${short(id)}`).join('+')}`
}

function baseOf({ disk }: Machine, id: ChainId): number | undefined {
  for (const chain of disk.chains()) if (chainId(chain.author, chain.log) === id) return chain.base
  return undefined
}

function nameOf(world: World, author: string): string {
  return world.machines.find(machine => machine.key === author)?.name ?? 'a villain'
}
