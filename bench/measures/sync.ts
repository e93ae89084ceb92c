/**
 * The sync between two processes: everything for somebody who is new, and little that is missing, beside the same
 * bytes over a bare stream and a bare connection.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { MeetingPlan, Met } from '../meeting.ts'
import { meet } from '../meeting.ts'
import { Program } from '../program.ts'
import type { Round } from '../round.ts'
import type { Case, Stock } from '../stock.ts'
import { casesOf, makeStock, missingOf } from '../stock.ts'
import { BARE_STREAM, BARE_TCP, copyProgram, PARLEY, PARLEY_UNREAD } from '../system.ts'
import { measureIdentification } from './identification.ts'

/** Made in the first round, by the case's name. */
const stocks = new Map<string, Stock>()

export async function measureSync(round: Round): Promise<void> {
  const { cold, partial } = casesOf(round.options.syncMessages)
  if (round.run === 1)
    await attempt(round, 'identification', () => measureIdentification(round, [cold, ...partial]))
  const ways: readonly [string, () => Promise<void>][] = [
    [PARLEY, () => measureCold(round, cold, PARLEY)],
    [PARLEY_UNREAD, () => measureCold(round, cold, PARLEY_UNREAD)],
    [BARE_STREAM, () => measureCopy(round, cold, BARE_STREAM)],
    [BARE_TCP, () => measureCopy(round, cold, BARE_TCP)],
  ]
  for (const [what, measure] of rotated(ways, round.run)) await attempt(round, `sync by ${what}`, measure)
  for (const one of partial) await attempt(round, one.name, () => measurePartial(round, one))
}

async function attempt(round: Round, what: string, measure: () => Promise<void>): Promise<void> {
  round.tell(`  ${what}`)
  try {
    await measure()
  } catch (cause) {
    round.fail(what, cause)
  }
}

/** Somebody who has nothing. */
async function measureCold(round: Round, cold: Case, column: string): Promise<void> {
  const stock = await stockOf(round, cold)
  const count = missingOf(cold)
  const command = column === PARLEY ? 'join' : 'tail'
  const met = await meetOnce(round, `sync of everything by ${column}`, stock, { missing: count, command })
  const note = noteCold(round, cold, column)
  note('messages a second', count / (met.completeMs / 1_000))
  note('the newest 50 are shown after, ms', met.screenMs)
  note('bytes on the loopback besides each message', overhead(round, met, stock.bytes, count))
  for (const [who, costs] of [
    ['who gets', met.comer],
    ['who gives', met.keeper],
  ] as const) {
    note(`memory of ${who}, at most, MiB`, costs.peakMiB)
    note(`CPU of ${who}, seconds`, costs.cpuSeconds)
  }
}

/** Two programs meet with logs of their own, which are gone after that. */
async function meetOnce(
  { load, systems, workshop }: Round,
  what: string,
  stock: Stock,
  plan: Pick<MeetingPlan, 'missing' | 'command'>,
): Promise<Met> {
  const [keeper, comer] = [await stock.whole(), await stock.partial()]
  try {
    return await load.during(what, () => meet({ ...plan, keeper, comer }, systems, workshop))
  } finally {
    for (const folder of [keeper, comer]) rmSync(folder, { recursive: true, force: true })
  }
}

function noteCold(
  { note }: Round,
  cold: Case,
  column: string,
): (row: string, value: number | undefined) => void {
  const table = `everything, ${missingOf(cold).toLocaleString('en-US')} messages`
  return (row, value) => note({ measure: 'sync', table, row, column, value })
}

function overhead({ loopback }: Round, met: Met, bytes: number, count: number): number | undefined {
  return loopback === 'own' ? (met.bytes - bytes) / count : undefined
}

/** The same bytes without anything that makes them messages. */
async function measureCopy(round: Round, cold: Case, column: string): Promise<void> {
  const { bytes } = await stockOf(round, cold)
  const count = missingOf(cold)
  const args = [copyProgram(round.workshop.folder), column === BARE_TCP ? 'tcp' : 'libp2p', String(bytes)]
  const { env } = round.workshop
  await using giver = new Program({ name: `giver of ${column}`, args, env })
  await using taker = new Program({ name: `taker of ${column}`, args, env })
  await taker.event('ready')
  const connect = await giver.address()
  const copied = await round.load.during(`copy over ${column}`, async () => {
    await taker.write([{ connect }])
    return taker.event('copied')
  })
  if (copied['bytes'] !== bytes) throw new Error(`${copied['bytes']} of ${bytes} bytes came`)
  noteCold(round, cold, column)('messages a second', count / (Number(copied['ms']) / 1_000))
}

/** Somebody who was away for a while. */
async function measurePartial(round: Round, one: Case): Promise<void> {
  const stock = await stockOf(round, one)
  const plan = { missing: missingOf(one), command: 'tail' } as const
  const met = await meetOnce(round, `sync of ${one.name}`, stock, plan)
  const note = (row: string, value: number | undefined): void => {
    round.note({ measure: 'sync', table: 'what is missing', row: one.name, column: row, value })
  }
  note('complete after, ms', met.completeMs)
}

async function stockOf(round: Round, one: Case): Promise<Stock> {
  const known = stocks.get(one.name)
  if (known !== undefined) return known
  const place = join(round.workshop.folder, `stock-${stocks.size}`)
  const stock = await makeStock(place, one)
  stocks.set(one.name, stock)
  return stock
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const from = by % items.length
  return [...items.slice(from), ...items.slice(0, from)]
}
