/**
 * Helper pins: the key that each helper had at first use. They are the user's only protection against another
 * machine in a helper's place, so a pin is on disk before it is relied on, and only the user changes it.
 */
import { join } from 'node:path'
import type { Logger } from '../common/logger.ts'
import { JsonFile, type JsonFileSpec, peekJson } from './json-file.ts'

/** More helpers than anyone uses; beyond that, the oldest pin is evicted. */
const MAX_PINS = 256
const MAX_FILE_BYTES = 262_144

interface Pin {
  readonly address: string
  readonly peerId: string
}

/** The pinned keys. */
export interface PinnedKeys {
  /** The peer id pinned for this address (`HelperAddress.multiaddr`), or undefined at first use. */
  get(address: string): string | undefined
}

/** The pins in a data folder that another program may be using. */
export async function peekPins(folder: string): Promise<PinnedKeys> {
  const pins = (await peekJson(spec(folder))) ?? []
  return { get: address => pinIn(pins, address) }
}

function pinIn(pins: readonly Pin[], address: string): string | undefined {
  return pins.find(pin => pin.address === address)?.peerId
}

export class Pins implements PinnedKeys {
  readonly #file: JsonFile<readonly Pin[]>

  private constructor(file: JsonFile<readonly Pin[]>) {
    this.#file = file
  }

  static async open(folder: string, logger: Logger): Promise<Pins> {
    return new Pins(await JsonFile.open(spec(folder), logger))
  }

  get(address: string): string | undefined {
    return pinIn(this.#file.value, address)
  }

  /** Pins the key, replacing an earlier one. Resolves when it is on disk; rejects with a `ParleyError`. */
  pin(address: string, peerId: string): Promise<void> {
    const others = this.#file.value.filter(pin => pin.address !== address)
    return this.#file.set([...others, { address, peerId }].slice(-MAX_PINS))
  }

  /** Resolves when no write is pending. */
  settled(): Promise<void> {
    return this.#file.settled()
  }
}

function spec(folder: string): JsonFileSpec<readonly Pin[]> {
  return { path: join(folder, 'pins.json'), guard: isPins, initial: [], maxBytes: MAX_FILE_BYTES }
}

function isPins(value: unknown): value is readonly Pin[] {
  return Array.isArray(value) && value.length <= MAX_PINS && value.every(isPin)
}

function isPin(value: unknown): value is Pin {
  const { address, peerId } = Object(value)
  return typeof address === 'string' && typeof peerId === 'string'
}
