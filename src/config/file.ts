/**
 * A configuration file, read into a layer. Only its form as JSON is checked here; its settings are checked like
 * those of every other layer.
 */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { wrong } from './errors.ts'
import type { Layer, Values } from './layers.ts'

/** A configuration is a page of text; what is larger is another file given by mistake. */
const MAX_FILE_BYTES = 1_048_576

/** Reads the file at `path` (absolute); `name` is how the user wrote it. */
export async function fileLayer(path: string, name: string): Promise<Layer> {
  const values = parse(await read(path, name), name)
  return { values, by: 'user', place: key => `"${key}" in ${name}`, base: dirname(path) }
}

async function read(path: string, name: string): Promise<string> {
  try {
    const bytes = await readFile(path)
    if (bytes.length <= MAX_FILE_BYTES) return bytes.toString('utf8')
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
    throw wrong(
      'config-unreadable',
      `the configuration file ${name} can't be read (${why})`,
      'Give the path of a JSON file that you may read.',
      cause,
    )
  }
  throw wrong(
    'config-unreadable',
    `the configuration file ${name} is larger than ${MAX_FILE_BYTES} bytes`,
    'Give the path of a configuration file.',
  )
}

function parse(text: string, name: string): Values {
  let value: unknown
  try {
    // Editors on Windows begin a file with a byte order mark, which JSON doesn't know.
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replaceAll('\n', ' ') : ''
    throw wrong(
      'config-unreadable',
      `the configuration file ${name} is not JSON (${why})`,
      'Correct it.',
      cause,
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(
      'config-unreadable',
      `the configuration file ${name} holds no object`,
      'Write settings as {"name": "value"}.',
    )
  }
  return { ...value }
}
