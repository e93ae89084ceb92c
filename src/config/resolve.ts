/**
 * From all places to one frozen configuration, and for each value where it came from. Flags win over the
 * environment, that over `--config FILE`, that over the answers of the first start, those over the defaults in
 * `config/`. Below the defaults is what only the machine knows: the login name and the platform's data folder.
 */

import peerDefaults from '../../config/default.json' with { type: 'json' }
import helperDefaults from '../../config/helper.json' with { type: 'json' }
import { checkName, checkRoom } from '../room/names/names.ts'
import { parseHelperAddress, parseHostPort, withPort } from './address.ts'
import { checkLayer, checkTogether } from './check.ts'
import { wrong } from './errors.ts'
import { fileLayer } from './file.ts'
import {
  answersLayer,
  environmentLayer,
  type Flags,
  flagLayer,
  type Layer,
  type RememberedAnswers,
  type Values,
} from './layers.ts'
import { usernameFromLogin } from './login-name.ts'
import type { Role } from './options.ts'
import { absoluteFolder, type Environment, type HostFacts, platformDataFolder } from './platform.ts'
import { helperSchema, peerSchema } from './schema.ts'
import { merge, nest, type Settings } from './settings.ts'
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

/** The configuration of a peer. Throws a `ParleyError` with exit code 2 that names the first fault. */
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

/** Name and room in the one form that peers compare. The schema took them, so both are valid. */
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

/** `port` replaces the TCP port of `listen`, unless a stronger place says `listen` outright. */
function applyPort(settings: Settings): Settings {
  const port = settings.get('port')
  const listen = settings.get('listen')
  if (port === undefined || listen === undefined || listen.rank < port.rank) return settings
  if (listen.rank === port.rank) {
    throw wrong(
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

/** Freezes a value of plain objects and lists, all the way down. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}
