/**
 * The state of one room's chains. All of it is in memory while the room is open (a room has at most
 * MAX_CHAINS), so that neither opening nor appending reads messages; changes are written once for each chain
 * and commit.
 */
import type { StatementSync } from 'node:sqlite'
import { decodeCbor, encodeCbor } from '../../../protocol/cbor.ts'
import type { Position } from '../../../protocol/envelope.ts'
import type { Chain, Head } from '../../../protocol/frontier.ts'
import type { ChainId, LogId, MessageId, PeerKey } from '../../../protocol/ids.ts'
import { chainId, fromHex, toHex } from '../../../protocol/ids.ts'
import type { TransactionParticipant, Transactions } from './transactions.ts'

/** One chain. Only `ChainTable.change` may modify it. */
export interface ChainRow {
  readonly number: number
  readonly author: PeerKey
  readonly log: LogId
  /** As last saved. */
  chain: Chain | undefined
  /** The highest place with a message, plus one. */
  length: number
  /** Messages, and their bytes. */
  count: number
  bytes: number
  /** The first message, once it was needed. */
  first: FirstMessage | undefined
}

export interface FirstMessage extends Position {
  readonly seq: number
}

interface ChainRecord {
  readonly number: number
  readonly author: Uint8Array
  readonly log: Uint8Array
  readonly state: Uint8Array | null
  readonly length: number
  readonly count: number
  readonly bytes: number
}

/** Generates unused row numbers. */
export type NextRowNumber = () => number

export class ChainTable implements TransactionParticipant {
  readonly #session: Transactions
  readonly #room: number
  readonly #numbers: NextRowNumber
  readonly #upsert: StatementSync
  readonly #delete: StatementSync
  readonly #rows: Map<ChainId, ChainRow>
  /** The previous state of rows that changed since the last commit; undefined for new ones. */
  readonly #before = new Map<ChainRow, ChainRow | undefined>()
  /** Changed rows that aren't written yet. */
  readonly #dirty = new Set<ChainRow>()
  #authorBytes = new Map<PeerKey, number>()
  #bytes = 0

  constructor(session: Transactions, room: number, numbers: NextRowNumber) {
    this.#session = session
    this.#room = room
    this.#numbers = numbers
    this.#upsert = session.prepare(
      `INSERT INTO chain (number, room, author, log, state, length, count, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (number) DO UPDATE SET
         state = excluded.state, length = excluded.length, count = excluded.count, bytes = excluded.bytes`,
    )
    this.#delete = session.prepare('DELETE FROM chain WHERE number = ?')
    this.#rows = new Map(this.#load().map(row => [chainId(row.author, row.log), row]))
    this.#count()
    session.join(this)
  }

  /** Bytes of messages in this room. */
  get bytes(): number {
    return this.#bytes
  }

  get(id: ChainId): ChainRow | undefined {
    return this.#rows.get(id)
  }

  all(): Iterable<ChainRow> {
    return this.#rows.values()
  }

  bytesOf(author: PeerKey): number {
    return this.#authorBytes.get(author) ?? 0
  }

  /** The chain's row, created if there is none. */
  open(author: PeerKey, log: LogId): ChainRow {
    const id = chainId(author, log)
    const known = this.#rows.get(id)
    if (known !== undefined) return known
    const number = this.#numbers()
    const row = { number, author, log, chain: undefined, length: 0, count: 0, bytes: 0, first: undefined }
    this.#rows.set(id, row)
    this.#before.set(row, undefined)
    return row
  }

  /** Changes a row, and the totals of its author and room. */
  change(row: ChainRow, to: Partial<Omit<ChainRow, 'number' | 'author' | 'log'>>): void {
    if (!this.#before.has(row)) this.#before.set(row, { ...row })
    this.#dirty.add(row)
    const more = (to.bytes ?? row.bytes) - row.bytes
    Object.assign(row, to)
    if (more !== 0) this.#add(row.author, more)
  }

  flush(): void {
    for (const row of this.#dirty) {
      if (isEmpty(row)) this.#delete.run(row.number)
      else this.#write(row)
    }
    this.#dirty.clear()
  }

  committed(): void {
    for (const row of this.#before.keys()) {
      if (isEmpty(row)) this.#rows.delete(chainId(row.author, row.log))
    }
    this.#before.clear()
  }

  rolledBack(): void {
    if (this.#before.size === 0) return
    for (const [row, before] of this.#before) {
      if (before === undefined) this.#rows.delete(chainId(row.author, row.log))
      else Object.assign(row, before)
    }
    this.#before.clear()
    this.#dirty.clear()
    this.#count()
  }

  #write({ number, author, log, chain, length, count, bytes }: ChainRow): void {
    const state = chain === undefined ? null : encodeState(chain)
    this.#upsert.run(number, this.#room, fromHex(author), fromHex(log), state, length, count, bytes)
  }

  #add(author: PeerKey, more: number): void {
    this.#bytes += more
    const bytes = this.bytesOf(author) + more
    if (bytes > 0) this.#authorBytes.set(author, bytes)
    else this.#authorBytes.delete(author)
  }

  #count(): void {
    this.#bytes = 0
    this.#authorBytes = new Map()
    for (const { author, bytes } of this.#rows.values()) this.#add(author, bytes)
  }

  #load(): ChainRow[] {
    const statement = this.#session.prepare(
      'SELECT number, author, log, state, length, count, bytes FROM chain WHERE room = ?',
    )
    const rows = this.#session.read(() => statement.all(this.#room)) as unknown as ChainRecord[]
    return rows.map(({ number, state, length, count, bytes, ...names }) => {
      const author = toHex(names.author) as PeerKey
      const log = toHex(names.log) as LogId
      const chain = state === null ? undefined : decodeState(state, author, log)
      if (state !== null && chain === undefined) this.#session.throwCorrupt(`chain ${number}`)
      return { number, author, log, chain, length, count, bytes, first: undefined }
    })
  }
}

function isEmpty(row: ChainRow): boolean {
  return row.count === 0 && row.chain === undefined
}

/** `[heads [[seq, id, ts]…], base, forkedAt | null, closedAt | null, lacksFrom]`, the last only where there is one. */
function encodeState({ heads, base, forkedAt, closedAt, lacksFrom }: Chain): Uint8Array {
  const ends = heads.map(({ seq, id, ts }) => [seq, fromHex(id), ts])
  const lacks = lacksFrom === undefined ? [] : [lacksFrom]
  return encodeCbor([ends, base, forkedAt ?? null, closedAt ?? null, ...lacks])
}

/** The chain encoded by `encodeState`; undefined for other bytes. */
function decodeState(bytes: Uint8Array, author: PeerKey, log: LogId): Chain | undefined {
  const decoded = decodeCbor(bytes)
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  const [heads, base, forkedAt, closedAt, lacksFrom] = decoded.value as [
    readonly [number, Uint8Array, number][],
    number,
    number | null,
    number | null,
    number | undefined,
  ]
  return {
    author,
    log,
    heads: heads.map(([seq, id, ts]): Head => ({ seq, id: toHex(id) as MessageId, ts })),
    base,
    ...(forkedAt !== null && { forkedAt }),
    ...(closedAt !== null && { closedAt }),
    ...(lacksFrom !== undefined && { lacksFrom }),
  }
}
