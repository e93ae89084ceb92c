/**
 * The places that settings come from, each read into a layer of the same form. A layer is checked by itself,
 * so that an error can name the place of a wrong value, and merged later (`resolve.ts`).
 */

import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ParleyError } from '../common/errors.ts'
import { escapeUnseen } from '../common/escape.ts'
import { nearest } from '../common/spelling.ts'
import { unseenClause } from '../room/names/character-name.ts'
import { badValue, settingsError, unknownName } from './errors.ts'
import type { OptionSpec, Role } from './options.ts'
import { ENVIRONMENT_PREFIX, environmentName, OPTIONS, optionsOf } from './options.ts'
import type { Environment } from './platform.ts'

/** The affirmative values of a switch in the environment. */
const YES = /^(1|true|yes|on)$/i
const NO = /^(0|false|no|off)$/i

/** The one setting whose flag negates it: its variable may also affirm. */
const LAN_VARIABLE = 'PARLEY_LAN'

export type Values = Readonly<Record<string, unknown>>

export interface Layer {
  readonly values: Values
  /** `default`: not chosen by anyone. */
  readonly by: 'user' | 'default'
  /** Where the setting was set, for people: `--name`, `PARLEY_NAME`, `"name" in FILE`. */
  readonly place: (path: string) => string
  /** The base of relative folders in it; absent: the working folder. */
  readonly base?: string
}

/** The given flags, by name without dashes. */
export type Flags = Readonly<Record<string, string | readonly string[] | true>>

/** The answers of the first start. An empty helper means none. */
export interface RememberedAnswers {
  readonly name?: string
  readonly helper?: string
}

/** Reads the flags, and the room given as an argument. The command-line parser has refused unknown ones. */
export function flagLayer(flags: Flags, role: Role, room?: string): Layer {
  const layer = optionLayer(role, {
    read: option => flags[option.flag],
    label: option => `--${option.flag}`,
  })
  if (room === undefined) return layer
  return {
    ...layer,
    values: { ...layer.values, room },
    place: path => (path === 'room' ? 'the argument ROOM' : layer.place(path)),
  }
}

/**
 * Reads the environment. An empty variable counts as unset, because compose files write
 * `PARLEY_NAME=${NAME:-}`.
 */
export function environmentLayer(env: Environment, role: Role): Layer {
  refuseMistyped(env)
  const layer = optionLayer(role, {
    read: option => readVariable(option, env[environmentName(option)] ?? ''),
    label: environmentName,
  })
  const lan = env[LAN_VARIABLE] ?? ''
  return role === 'peer' && lan !== '' ? withLan(layer, lan) : layer
}

/** `PARLEY_LAN=off` equals `PARLEY_NO_LAN=1`, and `on` wins over a file that says `off`. */
function withLan(layer: Layer, text: string): Layer {
  const lan = YES.test(text) ? 'on' : NO.test(text) ? 'off' : undefined
  if (lan === undefined) throw badValue(LAN_VARIABLE, text, 'on or off')
  if (layer.values['lan'] !== undefined && layer.values['lan'] !== lan)
    throw conflict(layer.place('lan'), LAN_VARIABLE)
  return {
    ...layer,
    values: { ...layer.values, lan },
    place: path => (path === 'lan' ? LAN_VARIABLE : layer.place(path)),
  }
}

/** The answers of the first start. */
export function answersLayer(answers: RememberedAnswers): Layer {
  const { name, helper } = answers
  return {
    values: {
      ...(name === undefined ? {} : { name }),
      ...(helper === undefined ? {} : { helpers: helper === '' ? [] : [helper] }),
    },
    by: 'user',
    place: () => 'remembered answers',
  }
}

interface OptionReader {
  readonly read: (option: OptionSpec) => Flags[string] | undefined
  readonly label: (option: OptionSpec) => string
}

function optionLayer(role: Role, reader: OptionReader): Layer {
  const values: Record<string, unknown> = {}
  const labels = new Map<string, string>()
  for (const option of optionsOf(role)) {
    const given = reader.read(option)
    if (given === undefined || option.key === 'config') continue
    const label = reader.label(option)
    const before = labels.get(option.key)
    if (before !== undefined) throw conflict(before, label)
    labels.set(option.key, label)
    setAt(values, option.key.split('.'), settingValue(option, given))
  }
  // A fault within a list is reported with its index: `helpers.0`.
  return {
    values,
    by: 'user',
    place: path => labels.get(path) ?? labels.get(path.split('.')[0] ?? '') ?? path,
  }
}

/** Sets a nested value by its path. */
function setAt(
  values: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    values[key] = value
    return
  }
  const inner: Record<string, unknown> = { ...Object(values[key]) }
  setAt(inner, rest, value)
  values[key] = inner
}

/**
 * The value as a configuration file would give it. What isn't a number stays as it is: the schema refuses it.
 */
function settingValue(option: OptionSpec, given: Flags[string]): unknown {
  switch (option.form.kind) {
    case 'switch':
      return option.form.means
    case 'number':
      return typeof given === 'string' && /^-?\d{1,15}$/.test(given) ? Number(given) : given
    case 'list':
    case 'text':
      return given
  }
}

function readVariable(option: OptionSpec, text: string): Flags[string] | undefined {
  if (text === '') return undefined
  switch (option.form.kind) {
    case 'switch':
      return readSwitch(option, text)
    case 'list':
      return text.split(/[,\s]+/).filter(item => item !== '')
    case 'number':
    case 'text':
      return text
  }
}

function readSwitch(option: OptionSpec, text: string): true | undefined {
  if (YES.test(text)) return true
  if (NO.test(text)) return undefined
  throw badValue(environmentName(option), text, '1 or 0')
}

/**
 * A variable that is nearly one of ours is a mistake that must not be silent. Others with the same prefix are
 * left alone: container platforms set `PARLEY_SERVICE_HOST` and the like.
 */
function refuseMistyped(env: Environment): void {
  const known = [...OPTIONS.map(environmentName), LAN_VARIABLE]
  const endings = known.map(withoutPrefix)
  for (const name of Object.keys(env)) {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || known.includes(name)) continue
    if (nearest(withoutPrefix(name), endings) === undefined) continue
    throw unknownName('unknown-option', `${name} in the environment`, name, known)
  }
}

function withoutPrefix(name: string): string {
  return name.slice(ENVIRONMENT_PREFIX.length)
}

function conflict(one: string, other: string): ParleyError {
  return settingsError('options-conflict', `${one} and ${other} contradict each other`, 'Give one of them.')
}

// A configuration file as a layer. Only its JSON is checked here; its settings are checked like those of
// every layer.

/** A configuration is a page of text; a larger file was given by mistake. */
const MAX_FILE_BYTES = 1_048_576

/** Reads the file at the absolute `path`; `name` is as the user wrote it. */
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
    throw settingsError(
      'config-unreadable',
      `the configuration file ${name} can't be read (${why})${unseenClause(name)}`,
      'Give the path of a JSON file that you may read.',
      cause,
    )
  }
  throw settingsError(
    'config-unreadable',
    `the configuration file ${name} is larger than ${MAX_FILE_BYTES} bytes`,
    'Give the path of a configuration file.',
  )
}

function parse(text: string, name: string): Values {
  let value: unknown
  try {
    // Editors on Windows start a file with a byte order mark, which JSON lacks.
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replaceAll('\n', ' ') : ''
    throw settingsError(
      'config-unreadable',
      `the configuration file ${name} is not JSON (${escapeUnseen(why)})`,
      'Correct it.',
      cause,
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw settingsError(
      'config-unreadable',
      `the configuration file ${name} holds no object`,
      'Write settings as {"name": "value"}.',
    )
  }
  return { ...value }
}

// Layers merged setting by setting. Objects are merged, lists are replaced as a whole: one helper given means
// that one and no others.

export interface Setting {
  readonly value: unknown
  /** Where it came from, for people. */
  readonly place: string
  /** Whether a user chose it. */
  readonly by: Layer['by']
  /** The layer it came from; 0 is the strongest. */
  readonly rank: number
}

/** By dotted name: `network.redialMinMs`. */
export type Settings = ReadonlyMap<string, Setting>

/** Keys for editors and for the check, which are no settings. */
const NO_SETTINGS = ['$schema', 'role']

/** Merges layers, strongest first. Names keep the order of the weakest layer that has them. */
export function merge(layers: readonly Layer[]): Settings {
  const settings = new Map<string, Setting>()
  for (const [rank, layer] of [...layers.entries()].reverse()) {
    for (const [name, value] of leaves(layer.values)) {
      if (!NO_SETTINGS.includes(name))
        settings.set(name, { value, place: layer.place(name), by: layer.by, rank })
    }
  }
  return settings
}

/** The settings as the nested object that a file would hold. */
export function nest(settings: Settings): Values {
  const root: Record<string, unknown> = {}
  for (const [name, { value }] of settings) {
    const path = name.split('.')
    const last = path.pop() ?? name
    let at = root
    for (const key of path) {
      at[key] ??= {}
      at = at[key] as Record<string, unknown>
    }
    at[last] = value
  }
  return root
}

function* leaves(values: Values, prefix = ''): Generator<readonly [string, unknown]> {
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      yield* leaves({ ...value }, `${prefix}${key}.`)
    } else {
      yield [`${prefix}${key}`, value]
    }
  }
}
