/**
 * Merges all places into one frozen configuration and records where each value came from. Flags win over the
 * environment, then `--config FILE`, then the answers of the first start, then the defaults in `config/`.
 * Below the defaults is what only the machine knows: the login name and the platform's data folder.
 */

import type * as z from 'zod/mini'
import peerDefaults from '../../config/default.json' with { type: 'json' }
import helperDefaults from '../../config/helper.json' with { type: 'json' }
import type { ParleyError } from '../common/errors.ts'
import { checkName, checkRoom } from '../room/names/names.ts'
import { parseHelperAddress, parseHostPort, withPort } from './address.ts'
import { badValue, settingsError, unknownName } from './errors.ts'
import type { Flags, Layer, RememberedAnswers, Settings, Values } from './layers.ts'
import { answersLayer, environmentLayer, fileLayer, flagLayer, merge, nest } from './layers.ts'
import type { Role } from './options.ts'
import type { Environment, HostFacts } from './platform.ts'
import { absoluteFolder, platformDataFolder, usernameFromLogin } from './platform.ts'
import { helperSchema, keysAt, layerSchema, peerSchema, roleOf } from './schema.ts'
import type { HelperAddress, HelperConfig, PeerConfig } from './types.ts'

/** All places that settings come from. */
export interface Sources {
  readonly flags: Flags
  readonly env: Environment
  readonly host: HostFacts
  readonly answers?: RememberedAnswers
  /** The room given as an argument. */
  readonly room?: string
}

/** A configuration and, for `parley config`, each setting by its dotted name with its value and place. */
export interface Resolved<Config> {
  readonly config: Config
  readonly settings: Settings
}

/** The configuration of a peer. Throws a `ParleyError` with exit code 2 for the first fault. */
export async function resolvePeer(sources: Sources): Promise<Resolved<PeerConfig>> {
  const layers = await layersOf('peer', sources)
  const settings = merge(layers)
  checkTogether(settings)
  const raw = peerSchema.parse(nest(settings))
  const helpers = raw.helpers.map(text => parseHelperAddress(text)).filter(isPresent)
  return { config: freeze({ role: 'peer', ...raw, ...normalised(raw), helpers }), settings }
}

/** The configuration of a helper. Throws like `resolvePeer`. */
export async function resolveHelper(sources: Sources): Promise<Resolved<HelperConfig>> {
  const settings = applyPort(merge(await layersOf('helper', sources)))
  checkTogether(settings)
  const { admin, ...raw } = helperSchema.parse(nest(settings))
  const at = admin === undefined ? undefined : parseHostPort(admin)
  return { config: freeze({ role: 'helper', ...raw, ...(at && { admin: at }) }), settings }
}

/** The name and room in the form that peers compare. The schema has accepted both. */
function normalised(raw: { readonly name: string; readonly room: string }) {
  const [name, room] = [checkName(raw.name), checkRoom(raw.room)]
  return {
    name: name.kind === 'valid' ? name.name : raw.name,
    room: room.kind === 'valid' ? room.room : raw.room,
  }
}

/** From the strongest to the weakest, each checked. */
async function layersOf(role: Role, sources: Sources): Promise<readonly Layer[]> {
  const { flags, env, host, answers, room } = sources
  const named = flags['config'] ?? env['PARLEY_CONFIG']
  const file = typeof named === 'string' && named !== '' ? named : undefined
  const layers = [
    flagLayer(flags, role, room),
    environmentLayer(env, role),
    ...(file === undefined ? [] : [await fileLayer(absoluteFolder(file, host.cwd, host), file)]),
    ...(answers === undefined ? [] : [answersLayer(answers)]),
    role === 'peer'
      ? defaultLayer(peerDefaults, 'default.json')
      : defaultLayer(helperDefaults, 'helper.json'),
  ]
  for (const layer of layers) checkLayer(layer, role)
  return [...layers.map(layer => absolutePaths(layer, host)), machineLayer(role, sources)]
}

function defaultLayer(values: Values, file: string): Layer {
  return { values, by: 'default', place: () => `default (config/${file})` }
}

function machineLayer(role: Role, { host, env }: Sources): Layer {
  const name = role === 'peer' ? { name: usernameFromLogin(host.login) } : {}
  return {
    values: { ...name, dataDir: platformDataFolder(role, host, env) },
    by: 'default',
    place: key => (key === 'name' ? 'default (login name)' : "default (the platform's data folder)"),
  }
}

function absolutePaths(layer: Layer, host: HostFacts): Layer {
  const folder = layer.values['dataDir']
  if (typeof folder !== 'string') return layer
  const dataDir = absoluteFolder(folder, layer.base ?? host.cwd, host)
  return { ...layer, values: { ...layer.values, dataDir } }
}

/** `port` replaces the TCP port of `listen`, unless a stronger place sets `listen`. */
function applyPort(settings: Settings): Settings {
  const port = settings.get('port')
  const listen = settings.get('listen')
  if (port === undefined || listen === undefined || listen.rank < port.rank) return settings
  if (listen.rank === port.rank) {
    throw settingsError(
      'options-conflict',
      `${port.place} and ${listen.place} contradict each other`,
      'Give one of them.',
    )
  }
  const moved = (listen.value as readonly string[]).map(address => withPort(address, Number(port.value)))
  return new Map(settings).set('listen', { ...listen, value: moved, place: port.place })
}

function isPresent(address: HelperAddress | undefined): address is HelperAddress {
  return address !== undefined
}

/** Freezes plain objects and lists recursively. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}

// The check of one layer against the schema, and of the merged settings against each other. The first fault
// found is told, in one line.

/** Throws a `ParleyError` with exit code 2 unless every setting of the layer is known, fits, and is for this role. */
function checkLayer(layer: Layer, role: Role): void {
  const result = layerSchema.safeParse(layer.values)
  if (!result.success) throw faultOf(layer, result.error.issues[0])
  if (result.data.role !== undefined && result.data.role !== role) throw otherRole(layer, result.data.role)
  for (const key of Object.keys(layer.values)) {
    const owner = roleOf(key)
    if (owner !== undefined && owner !== role) throw settingOfOther(layer, key, owner)
  }
}

function faultOf(layer: Layer, issue: z.core.$ZodIssue | undefined): ParleyError {
  const path = issue?.path ?? []
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    return unknownName('unknown-key', layer.place([...path, key].join('.')), key, keysAt(path))
  }
  const value = valueAt(layer.values, path)
  const reason = reasonAgainst(path.join('.'), value)
  return badValue(layer.place(path.join('.')), value, issue?.message ?? 'another value', reason)
}

/** What is wrong with a name of somebody or of a room; of everything else it is what fits that helps. */
function reasonAgainst(path: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const check = path === 'name' ? checkName(value) : path === 'room' ? checkRoom(value) : undefined
  return check?.kind === 'invalid' ? check.reason : undefined
}

function valueAt(values: Values, path: readonly PropertyKey[]): unknown {
  let value: unknown = values
  for (const key of path) value = Reflect.get(Object(value), key)
  return value
}

function otherRole(layer: Layer, owner: Role): ParleyError {
  return settingsError(
    'wrong-role',
    `${layer.place('role')} is "${owner}": it configures the other program`,
    owner === 'helper' ? 'Start parley helper with it.' : 'Start parley join with it.',
  )
}

function settingOfOther(layer: Layer, key: string, owner: Role): ParleyError {
  return settingsError(
    'wrong-role',
    `${layer.place(key)} is a setting of ${owner === 'helper' ? 'the helper' : 'peers'} only`,
    'Take it out, or put it into a file of its own.',
  )
}

/** Pairs of settings of which the first may not be above the second. */
const ORDERED: readonly (readonly [string, string])[] = [
  ['network.redialMinMs', 'network.redialMaxMs'],
  ['network.fullMeshUpTo', 'network.maxConnections'],
  ['limits.registrationTtlSeconds.default', 'limits.registrationTtlSeconds.max'],
]

/** Throws unless the merged settings make sense together. */
function checkTogether(settings: ReadonlyMap<string, { readonly value: unknown; readonly place: string }>) {
  for (const [low, high] of ORDERED) {
    const [a, b] = [settings.get(low), settings.get(high)]
    if (typeof a?.value !== 'number' || typeof b?.value !== 'number' || a.value <= b.value) continue
    throw settingsError(
      'settings-conflict',
      `${low} (${a.value}, ${a.place}) is above ${high} (${b.value}, ${b.place})`,
      `Lower ${low} or raise ${high}.`,
    )
  }
}
