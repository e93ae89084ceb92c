/**
 * The file of the screen's settings in the data folder, which users edit, too. Unlike recoverable files, one
 * that isn't JSON is never moved away: the user is told where it is wrong.
 */
import { join } from 'node:path'
import { ParleyError } from '../common/errors.ts'
import { escapeUnseen } from '../common/escape.ts'
import { readBounded, replaceFile } from './files.ts'

/** A page of settings and a few hundred rooms. */
const MAX_FILE_BYTES = 65_536

type Values = Readonly<Record<string, unknown>>

export class SettingsFile {
  readonly path: string
  /** The settings found; undefined if there were none. */
  readonly found: Values | undefined
  #writing: Promise<void> = Promise.resolve()

  private constructor(path: string, found: Values | undefined) {
    this.path = path
    this.found = found
  }

  /** Rejects with a `ParleyError` with exit code 2 if the file is no JSON object. */
  static async open(folder: string): Promise<SettingsFile> {
    const path = join(folder, 'settings.json')
    const bytes = await readBounded(path, MAX_FILE_BYTES)
    return new SettingsFile(path, bytes === undefined ? undefined : parse(bytes, path))
  }

  /** Replaces the file, one write after the other. Rejects with a `ParleyError` if the disk fails. */
  save(values: Values): Promise<void> {
    const text = `${JSON.stringify(values, undefined, 2)}\n`
    this.#writing = this.#writing.catch(() => {}).then(() => replaceFile(this.path, Buffer.from(text)))
    return this.#writing
  }

  /** Resolves when no write is pending. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => {})
  }
}

function parse(bytes: Uint8Array, path: string): Values {
  if (bytes.length > MAX_FILE_BYTES) throw unreadable(path, `it is larger than ${MAX_FILE_BYTES} bytes`)
  let value: unknown
  try {
    value = JSON.parse(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    )
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replaceAll('\n', ' ') : String(cause)
    throw unreadable(path, `it is not JSON (${escapeUnseen(why)})`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unreadable(path, 'it holds no object')
  return { ...value }
}

function unreadable(path: string, why: string): ParleyError {
  return new ParleyError(
    'settings-unreadable',
    `the settings file ${path} can't be used: ${why}`,
    'Correct or remove it.',
    {
      exitCode: 2,
    },
  )
}
