/**
 * The one format of configuration files, and what fits each value. `config/parley.schema.json` is generated from
 * it, and every layer (flags, environment, file, defaults) is checked against it. A schema's error text is a
 * noun phrase that finishes the sentence "What fits: …". Defaults are not here: they are the files in `config/`.
 */
import * as z from 'zod/mini'
import { LOG_LEVELS } from '../common/logger.ts'
import { checkName, checkRoom, MAX_NAME_GRAPHEMES, MAX_ROOM_POINTS } from '../room/names/names.ts'
import {
  HELPER_FITS,
  HOST_PORT_FITS,
  isTcpMultiaddr,
  MULTIADDR_FITS,
  parseHelperAddress,
  parseHostPort,
} from './address.ts'
import { limitsShape, networkShape, retentionShape, ttlShape, wholeNumber } from './numbers.ts'

/** More helpers or addresses than anyone needs; a longer list is a mistake. */
const MAX_LIST = 16

function text(fits: string, isFit: (value: string) => boolean, about: string) {
  return z.string({ error: fits }).check(z.refine(isFit, { error: fits }), z.describe(about))
}

function list(item: z.ZodMiniType<string>, fits: string, about: string) {
  const error = `a list of at most ${MAX_LIST}, each ${fits}`
  return z.array(item, { error }).check(z.maxLength(MAX_LIST, { error }), z.describe(about))
}

function choice<const T extends readonly [string, ...string[]]>(values: T, about: string) {
  return z.enum(values, { error: `one of ${values.join(', ')}` }).check(z.describe(about))
}

/** An object of which a layer may give any part, and nothing unknown. */
function part<T extends z.core.$ZodLooseShape>(shape: T, about: string) {
  return z.partial(z.strictObject(shape, { error: 'an object of settings' })).check(z.describe(about))
}

const NAME_FITS = `a username of 1 to ${MAX_NAME_GRAPHEMES} visible characters`
const ROOM_FITS = `a room name of 1 to ${MAX_ROOM_POINTS} letters, digits, dots, dashes and underscores`

const multiaddr = () => text(MULTIADDR_FITS, isTcpMultiaddr, `${MULTIADDR_FITS}.`)

const sharedShape = {
  listen: list(multiaddr(), MULTIADDR_FITS, 'Multiaddrs to listen on.'),
  announce: list(
    multiaddr(),
    MULTIADDR_FITS,
    'Addresses to tell others. Empty: those that are found by listening and by what others observe.',
  ),
  dataDir: text(
    'the path of a folder',
    value => value !== '' && !value.includes('\0'),
    "Folder of the identity, the log and the remembered answers; relative to this file. Default: the platform's data folder.",
  ),
  output: choice(
    ['auto', 'json', 'plain', 'prompt'],
    'auto: the full screen on a terminal, plain lines elsewhere. prompt: lines above a prompt.',
  ),
  logLevel: choice(LOG_LEVELS, 'What goes to standard error.'),
}

const peerShape = {
  name: text(
    NAME_FITS,
    value => checkName(value).kind === 'valid',
    'Username; not unique. Default: the login name.',
  ),
  room: text(ROOM_FITS, value => checkRoom(value).kind === 'valid', 'The room to join.'),
  helpers: list(
    text(HELPER_FITS, value => parseHelperAddress(value) !== undefined, `${HELPER_FITS}.`),
    HELPER_FITS,
    'Helpers; any one of them is enough. Empty: the local network and known members only.',
  ),
  lan: choice(['on', 'off'], 'Multicast discovery on the local network.'),
  trustNewHelper: choice(['refuse', 'accept'], "When a helper's key differs from the pinned one."),
}

const port = wholeNumber('a TCP port from 0 to 65535', 0, 65_535).check(
  z.describe('The TCP port of `listen`; 0 picks a free one.'),
)
const admin = text(
  HOST_PORT_FITS,
  value => parseHostPort(value) !== undefined,
  'HOST:PORT for /healthz, /metrics and the status page. Default: off.',
)

/** A configuration file, and every other layer: any part of the settings, nothing unknown. */
export const layerSchema = z.partial(
  z.strictObject({
    $schema: z.string({ error: 'the address of a JSON Schema' }).check(z.describe('For editors; not read.')),
    role: choice(['peer', 'helper'], 'Which program this file is for; the other one refuses it.'),
    ...peerShape,
    ...sharedShape,
    port,
    admin,
    network: part(networkShape, 'Peers only.'),
    retention: part(
      retentionShape,
      'Peers only. What the log keeps of each room; what it drops may come again from others.',
    ),
    limits: part(
      {
        ...limitsShape,
        registrationTtlSeconds: part(ttlShape, 'How long a registration lives without being renewed.'),
      },
      'Helper only. What strangers can make it hold.',
    ),
  }),
)

/** All layers of a peer merged. */
export const peerSchema = z.object({
  ...peerShape,
  ...sharedShape,
  network: z.object(networkShape),
  retention: z.object(retentionShape),
})

/** All layers of a helper merged. */
export const helperSchema = z.object({
  ...sharedShape,
  admin: z.optional(admin),
  limits: z.object({ ...limitsShape, registrationTtlSeconds: z.object(ttlShape) }),
})

const PEER_KEYS: readonly string[] = [...Object.keys(peerShape), 'network', 'retention']
const HELPER_KEYS: readonly string[] = ['port', 'admin', 'limits']

/** The role that alone has this top-level setting, or undefined if both have it. */
export function roleOf(key: string): 'peer' | 'helper' | undefined {
  if (PEER_KEYS.includes(key)) return 'peer'
  return HELPER_KEYS.includes(key) ? 'helper' : undefined
}

/** The settings that may stand at a place of a file, for suggestions: `[]` is the top, `['network']` one below. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  switch (path.join('.')) {
    case '':
      return Object.keys(layerSchema.shape)
    case 'network':
      return Object.keys(networkShape)
    case 'retention':
      return Object.keys(retentionShape)
    case 'limits':
      return [...Object.keys(limitsShape), 'registrationTtlSeconds']
    default:
      return Object.keys(ttlShape)
  }
}
