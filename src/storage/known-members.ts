/**
 * The known members of each room and their addresses, so that the next start finds the room even if every
 * helper is down. Strangers' claims end up here, so everything is bounded. It is only a hint where to dial:
 * the connection itself proves who answers.
 */
import { join } from 'node:path'
import type { Logger } from '../common/logger.ts'
import { JsonFile, type JsonFileSpec } from './json-file.ts'

/** A room's mesh holds 32 members: twice as many, for those who are away. */
export const MAX_MEMBERS_PER_ROOM = 64

/** As many rooms as anyone may return to; the least recently used one is evicted. */
export const MAX_ROOMS = 32

/** A host's addresses on two networks, IPv4 and IPv6. */
export const MAX_ADDRESSES = 8
const MAX_ADDRESS_LENGTH = 256
const MAX_ID_LENGTH = 128

/** All of the above at their largest, with JSON's overhead. */
const MAX_FILE_BYTES = 8_388_608

/**
 * A new `lastSeen` alone is written only if the stored one is older than this: members who are here are seen
 * all the time.
 */
const SEEN_WRITE_INTERVAL_MS = 60_000

export interface KnownMember {
  /** Peer id, base58btc. */
  readonly peer: string
  /** Multiaddrs, best first. */
  readonly addresses: readonly string[]
  /** Milliseconds since the epoch. */
  readonly lastSeen: number
}

interface RoomRecord {
  readonly room: string
  readonly members: readonly KnownMember[]
}

export class KnownMembers {
  readonly #file: JsonFile<readonly RoomRecord[]>
  readonly #logger: Logger

  private constructor(file: JsonFile<readonly RoomRecord[]>, logger: Logger) {
    this.#file = file
    this.#logger = logger
  }

  static async open(folder: string, logger: Logger): Promise<KnownMembers> {
    return new KnownMembers(await JsonFile.open(spec(folder), logger), logger)
  }

  /** The known members of a room, most recently seen first. */
  of(room: string): readonly KnownMember[] {
    return this.#file.value.find(record => record.room === room)?.members ?? []
  }

  /**
   * Records that a member was seen; it is on disk soon. A repetition within a minute is skipped. What exceeds
   * the limits is dropped, oldest first. A failing disk only costs the next start some time.
   */
  remember(room: string, seen: KnownMember): void {
    const member = { ...seen, addresses: seen.addresses.filter(isAddress).slice(0, MAX_ADDRESSES) }
    if (!isMember(member)) return
    const known = this.of(room).find(other => other.peer === member.peer)
    if (known !== undefined && !isWorthWriting(known, member)) return
    this.#file.set(withMember(this.#file.value, room, member)).catch((error: unknown) => {
      this.#logger.warn('the known members are not saved', { error })
    })
  }

  /** Resolves when no write is pending. */
  settled(): Promise<void> {
    return this.#file.settled()
  }
}

function isWorthWriting(known: KnownMember, seen: KnownMember): boolean {
  const sameAddresses = known.addresses.join() === seen.addresses.join()
  return !sameAddresses || seen.lastSeen - known.lastSeen >= SEEN_WRITE_INTERVAL_MS
}

/** Rooms are in order of use, members newest first. */
function withMember(
  records: readonly RoomRecord[],
  room: string,
  member: KnownMember,
): readonly RoomRecord[] {
  const before = records.find(record => record.room === room)?.members ?? []
  const members = [member, ...before.filter(other => other.peer !== member.peer)]
    .sort((a, b) => b.lastSeen - a.lastSeen)
    .slice(0, MAX_MEMBERS_PER_ROOM)
  return [...records.filter(record => record.room !== room), { room, members }].slice(-MAX_ROOMS)
}

function spec(folder: string): JsonFileSpec<readonly RoomRecord[]> {
  return { path: join(folder, 'members.json'), guard: isRecords, initial: [], maxBytes: MAX_FILE_BYTES }
}

function isRecords(value: unknown): value is readonly RoomRecord[] {
  return Array.isArray(value) && value.length <= MAX_ROOMS && value.every(isRecord)
}

function isRecord(value: unknown): value is RoomRecord {
  const { room, members } = Object(value)
  if (typeof room !== 'string' || !Array.isArray(members)) return false
  return members.length <= MAX_MEMBERS_PER_ROOM && members.every(isMember)
}

function isMember(value: unknown): value is KnownMember {
  const { peer, addresses, lastSeen } = Object(value)
  if (typeof peer !== 'string' || peer === '' || peer.length > MAX_ID_LENGTH) return false
  if (!Number.isSafeInteger(lastSeen) || !Array.isArray(addresses)) return false
  return addresses.length <= MAX_ADDRESSES && addresses.every(isAddress)
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_ADDRESS_LENGTH
}
