/**
 * A small value kept in a JSON file: loaded once, replaced as a whole. What is in it can be learnt again, so a
 * corrupt file is set aside with a line in the log and the program goes on without.
 */
import { rename } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Logger } from '../common/logger.ts'
import { fsFailure, readBounded, replaceFile } from './files.ts'

export interface JsonFileSpec<T> {
  readonly path: string
  /** True if a parsed value is of the form; it must check everything that is used later. */
  readonly guard: (value: unknown) => value is T
  /** What it holds while there is no file. */
  readonly initial: T
  /** A larger file isn't ours. Whoever sets the value keeps it below. */
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

  /** Loads the file. Throws a `ParleyError` only when it is there and can't be read at all. */
  static async open<T>(spec: JsonFileSpec<T>, logger: Logger): Promise<JsonFile<T>> {
    const bytes = await readBounded(spec.path, spec.maxBytes)
    if (bytes === undefined) return new JsonFile(spec, spec.initial)
    const value = parse(bytes, spec)
    if (value === undefined) await setAside(spec.path, logger)
    return new JsonFile(spec, value ?? spec.initial)
  }

  get value(): T {
    return this.#value
  }

  /**
   * Replaces the value; resolves when it is on disk, rejects with a `ParleyError` when the disk doesn't take it.
   * Values set while a write is under way go to disk together, as the last one of them.
   */
  set(value: T): Promise<void> {
    this.#value = value
    this.#next ??= this.#writeNext()
    return this.#next
  }

  /** Resolves when nothing is being written any more, well or not. */
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

/** Reads the file of a data folder that another process may hold: nothing is set aside, corrupt counts as absent. */
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
    // Not JSON: corrupt, like any other form that isn't ours.
    return undefined
  }
}

async function setAside(path: string, logger: Logger): Promise<void> {
  const aside = `${path}.corrupt-${Date.now()}`
  try {
    await rename(path, aside)
  } catch (cause) {
    throw fsFailure('set aside the corrupt file', path, cause)
  }
  logger.warn(`${basename(path)} is corrupt: set aside and started anew`, { kept: aside })
}
