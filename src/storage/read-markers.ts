/**
 * Read markers: how far the user has read in each room, so that the next start can show where new messages
 * begin. Losing them costs a line that isn't drawn.
 */
import { join } from 'node:path'
import type { Logger } from '../common/logger.ts'
import { JsonFile } from './json-file.ts'

const MAX_FILE_BYTES = 65_536
/** Far more rooms than anyone is in; a name has at most 32 characters. */
const MAX_ROOMS = 512

/** By room: the timestamp of the last message seen, milliseconds since the epoch. */
export type ReadMarker = Readonly<Record<string, number>>

export class ReadMarkers {
  readonly #file: JsonFile<ReadMarker>

  private constructor(file: JsonFile<ReadMarker>) {
    this.#file = file
  }

  static async open(folder: string, logger: Logger): Promise<ReadMarkers> {
    const path = join(folder, 'seen.json')
    return new ReadMarkers(
      await JsonFile.open({ path, guard: isSeen, initial: {}, maxBytes: MAX_FILE_BYTES }, logger),
    )
  }

  get until(): ReadMarker {
    return this.#file.value
  }

  /** Stores new markers of some rooms. Resolves when they are on disk; rejects with a `ParleyError`. */
  remember(until: ReadMarker): Promise<void> {
    const entries = Object.entries({ ...this.until, ...until })
    return this.#file.set(Object.fromEntries(entries.slice(-MAX_ROOMS)))
  }
}

function isSeen(value: unknown): value is ReadMarker {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(at => typeof at === 'number')
}
