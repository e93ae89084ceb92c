/**
 * A small value in a JSON file: loaded once, replaced as a whole. The content can be recovered, so a corrupt
 * file is moved away with a log line, and the program continues without it.
 */
import { rename } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Logger } from '../common/logger.ts'
import { fsFailure, readBounded, replaceFile } from './files.ts'

export interface JsonFileSpec<T> {
  readonly path: string
  /** True if a parsed value has the right form; it must check everything used later. */
  readonly guard: (value: unknown) => value is T
  /** The value while there is no file. */
  readonly initial: T
  /** A larger file isn't ours. The caller keeps the value below it. */
  readonly maxBytes: number
}

export class JsonFile<T> {
  readonly #spec: JsonFileSpec<T>
  #value: T
  #writing: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  private constructor(spec: JsonFileSpec<T>, value: T) {
    this.#spec = spec
    this.#value = value
  }

  /** Loads the file. Throws a `ParleyError` only if it exists and can't be read at all. */
  static async open<T>(spec: JsonFileSpec<T>, logger: Logger): Promise<JsonFile<T>> {
    const bytes = await readBounded(spec.path, spec.maxBytes)
    if (bytes === undefined) return new JsonFile(spec, spec.initial)
    const value = parse(bytes, spec)
    if (value === undefined) await moveAway(spec.path, logger)
    return new JsonFile(spec, value ?? spec.initial)
  }

  get value(): T {
    return this.#value
  }

  /**
   * Replaces the value; resolves when it is on disk, rejects with a `ParleyError` if the disk fails. Values
   * set during a write are written together, as the last one of them.
   */
  set(value: T): Promise<void> {
    this.#value = value
    this.#next ??= this.#writeNext()
    return this.#next
  }

  /** Resolves when no write is pending, whether it succeeded or not. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#writing, this.#next])
  }

  async #writeNext(): Promise<void> {
    await Promise.allSettled([this.#writing])
    this.#next = undefined
    this.#writing = replaceFile(
      this.#spec.path,
      Buffer.from(`${JSON.stringify(this.#value, undefined, 2)}\n`),
    )
    await this.#writing
  }
}

/**
 * Reads the file of a data folder that another process may be using: nothing is moved away, and corrupt
 * counts as absent.
 */
export async function peekJson<T>(spec: JsonFileSpec<T>): Promise<T | undefined> {
  const bytes = await readBounded(spec.path, spec.maxBytes)
  return bytes === undefined ? undefined : parse(bytes, spec)
}

function parse<T>(bytes: Uint8Array, spec: JsonFileSpec<T>): T | undefined {
  if (bytes.length > spec.maxBytes) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return spec.guard(value) ? value : undefined
  } catch {
    // Not JSON: corrupt, like any other wrong form.
    return undefined
  }
}

async function moveAway(path: string, logger: Logger): Promise<void> {
  const aside = `${path}.corrupt-${Date.now()}`
  try {
    await rename(path, aside)
  } catch (cause) {
    throw fsFailure('set aside the corrupt file', path, cause)
  }
  logger.warn(`${basename(path)} is corrupt: set aside and started anew`, { kept: aside })
}
