/**
 * Copy detection: recognises that a log was copied or restored. Two programs that write the same chain
 * contradict each other, and others then take both for liars; so a copied or restored folder must write
 * another chain. The database's content is copied with it, but no copy has the same inode change time
 * (`ctime`): only the system sets it. So a small file beside the database, the witness, is replaced at every
 * start and end, and the database remembers its content and ctime.
 *
 * The database alone may be restored, too, or lose its write-ahead log, while the witness stays. For that,
 * the mark records after each commit how far the log goes. Nobody waits for it, so it may lag behind.
 *
 * A rollback of the whole disk, such as a virtual machine's snapshot, isn't detected here; other peers reveal
 * it in the end.
 */
import { closeSync, constants, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fsFailure, readStart, replaceFileNow } from '../files.ts'

const WITNESS = 'log.witness'
const MARK = 'log.mark'
/** Only the owner may read. */
const MODE = 0o600

/** Bytes of the witness's token. */
export const TOKEN_BYTES = 16
/** The token, which ties the mark to one witness, and a 64-bit number. */
const MARK_BYTES = TOKEN_BYTES + 8

const NANOSECONDS = 1_000_000_000n

/** What the database remembers of the witness. */
export interface Witness {
  readonly token: Uint8Array
  /** Nanoseconds since the epoch. */
  readonly ctime: bigint
  readonly inode: bigint
}

/**
 * True if this is where the database was last written, and none of it is missing. `top` is how far it goes.
 * Throws a `ParleyError` if the witness can't be read.
 */
export function isOriginal(folder: string, remembered: Witness, top: number): boolean {
  const found = witnessOf(join(folder, WITNESS))
  if (found === undefined || Buffer.compare(found.token, remembered.token) !== 0) return false
  if (found.ctime !== remembered.ctime) return false
  // Some file systems store whole seconds only, within which a copy can be made.
  const isCoarse = found.ctime % NANOSECONDS === 0n
  if (isCoarse && found.inode !== remembered.inode) return false
  return readMark(folder, found.token) <= top
}

/**
 * Replaces the witness by one with this token. Returns what the database has to remember. Throws a
 * `ParleyError`.
 */
export function replaceWitness(folder: string, token: Uint8Array): Witness {
  const path = join(folder, WITNESS)
  try {
    replaceFileNow(path, token)
  } catch (cause) {
    throw fsFailure('write', path, cause)
  }
  const written = witnessOf(path)
  if (written === undefined) throw fsFailure('read', path, undefined)
  return written
}

/** The mark: how far the log goes, updated after every commit. */
export class Mark {
  readonly #bytes = Buffer.alloc(MARK_BYTES)
  readonly #file: number
  #top = -1

  /** Throws a `ParleyError` if it can't be written. */
  constructor(folder: string, token: Uint8Array, top: number) {
    const path = join(folder, MARK)
    this.#bytes.set(token)
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, MODE)
      this.#write(top)
    } catch (cause) {
      throw fsFailure('write', path, cause)
    }
  }

  /** A mark that lags behind only detects less. */
  set(top: number): void {
    if (top === this.#top) return
    try {
      this.#write(top)
    } catch {
      // the next commit writes it again
    }
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(top: number): void {
    this.#bytes.writeBigUInt64BE(BigInt(top), TOKEN_BYTES)
    writeSync(this.#file, this.#bytes, 0, MARK_BYTES, 0)
    this.#top = top
  }
}

/** The mark's number, or -1 if there is none for this token. */
function readMark(folder: string, token: Uint8Array): number {
  const bytes = readWitness(join(folder, MARK), MARK_BYTES)
  if (bytes?.length !== MARK_BYTES || Buffer.compare(bytes.subarray(0, TOKEN_BYTES), token) !== 0) return -1
  return Number(bytes.readBigUInt64BE(TOKEN_BYTES))
}

function witnessOf(path: string): Witness | undefined {
  const token = readWitness(path, TOKEN_BYTES)
  if (token === undefined) return undefined
  const { ctimeNs, ino } = statSync(path, { bigint: true })
  return { token, ctime: ctimeNs, inode: BigInt.asIntN(64, ino) }
}

function readWitness(path: string, length: number): Buffer | undefined {
  try {
    return readStart(path, length)
  } catch (cause) {
    throw fsFailure('read', path, cause)
  }
}
