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

// The numbers an operator may choose: each with its unit, its valid range, and the reason for the default in
// `config/`. Numbers on which all peers must agree are constants in `protocol/limits.ts` instead.

function wholeNumber(fits: string, min: number, max: number) {
  const error = fits
  return z.int({ error }).check(z.minimum(min, { error }), z.maximum(max, { error }))
}

function amount(unit: string, min: number, max: number, about: string) {
  const number = wholeNumber(`a whole number of ${unit} from ${min} to ${max}`, min, max)
  return number.check(z.describe(`${about} Unit: ${unit}.`))
}

const networkShape = {
  fullMeshUpTo: amount(
    'members',
    2,
    256,
    'Up to so many members of a room every pair is directly connected; above, each keeps a random part and gossip does the rest. 32 members are 31 links each, which cost little.',
  ),
  maxConnections: amount(
    'connections',
    8,
    4_096,
    'In all. Three rooms of 32 fit; whoever comes then is refused, so that strangers cannot fill the memory.',
  ),
  maxConnectionsPerAddress: amount(
    'connections',
    1,
    4_096,
    'From one IP address. A whole room may sit behind one NAT, a crossing dial takes two; still a single host cannot take every place.',
  ),
  dialTimeoutMs: amount(
    'milliseconds',
    100,
    120_000,
    'For one dial. TCP repeats a lost first packet after 1 and 3 seconds: two losses still connect.',
  ),
  pingIntervalMs: amount(
    'milliseconds',
    250,
    600_000,
    'Between two signs of life on a link, which is looked at three times as often. With pingTimeoutMs and lostAfterMs it makes 14.5 s at most until a dead peer is told to be lost: the promise is 15 s.',
  ),
  pingTimeoutMs: amount(
    'milliseconds',
    250,
    600_000,
    'Silent for so much longer than pingIntervalMs a link is dead. A radio link that fades for 4 s lives on.',
  ),
  redialMinMs: amount(
    'milliseconds',
    10,
    60_000,
    'First pause before dialling a lost member again: a cut cable or a restart heals unnoticed. It doubles from try to try.',
  ),
  redialMaxMs: amount(
    'milliseconds',
    100,
    3_600_000,
    'Longest pause before dialling a lost member again: who comes back is found within it, at the cost of one packet a try.',
  ),
  helperRetryMaxMs: amount(
    'milliseconds',
    100,
    3_600_000,
    'Longest pause before dialling a lost helper again: after its restart everyone is registered within 30 s, with two tries to spare.',
  ),
  lostAfterMs: amount(
    'milliseconds',
    0,
    600_000,
    'A broken link that heals within this time is shown to nobody. See pingIntervalMs for the sum.',
  ),
}

/** 0: no limit. */
const retentionShape = {
  days: amount(
    'days',
    0,
    36_500,
    'Messages written longer ago leave the log; 0 keeps them however old they are. Nobody should lose what was said by not having chosen.',
  ),
  megabytes: amount(
    'megabytes',
    0,
    1_000_000,
    'While the messages of a room are larger together (a megabyte is 1,000,000 bytes), its oldest leave the log; 0 is no limit. A million ordinary messages are some 280 megabytes.',
  ),
}

const ttlShape = {
  default: amount(
    'seconds',
    10,
    259_200,
    'For a registration that asks for none: the default of the rendezvous specification, 2 hours.',
  ),
  max: amount(
    'seconds',
    10,
    259_200,
    'The longest that a registration may ask for: the maximum of the rendezvous specification, 72 hours.',
  ),
}

const limitsShape = {
  connections: amount(
    'connections',
    1,
    100_000,
    'In all. Each costs some tens of kilobytes: 1,000 fit the smallest server one can rent.',
  ),
  connectionsPerAddress: amount(
    'connections',
    1,
    100_000,
    'From one IP address. A class or an office sits behind one NAT; still a single host cannot take every place.',
  ),
  registrations: amount(
    'registrations',
    1,
    1_000_000,
    'In all. A record is at most a few kilobytes: 10,000 stay below 50 MB.',
  ),
  registrationsPerPeer: amount(
    'registrations',
    1,
    1_000,
    'Rooms that one peer may be registered in at once.',
  ),
  streamsPerConnection: amount(
    'streams',
    4,
    1_024,
    'Open at once. An honest peer uses identify, ping and rendezvous, one stream each, and a few in passing.',
  ),
  messageBytes: amount(
    'bytes',
    1_024,
    4_194_304,
    'Of one request. A signed peer record with every address of a host is below 4,096 bytes.',
  ),
  relayReservations: amount(
    'reservations',
    0,
    100_000,
    'Peers that may be reached through this helper at once; 0 relays for nobody. About every second peer is behind a NAT: half of the connections.',
  ),
  relayConnections: amount(
    'connections',
    0,
    100_000,
    'Relayed at once, in all. Most become direct within two seconds; what remains are pairs whose routers forbid it.',
  ),
  relayConnectionsPerPeer: amount(
    'connections',
    1,
    1_024,
    'Relayed at once for one peer: the others of a fully connected room, twice.',
  ),
  relayMegabytes: amount(
    'megabytes',
    1,
    1_000_000,
    'Of 1,000,000 bytes, that one relayed connection may carry before it is cut: a history of 200,000 messages, or a day of lively chat. A pair may begin anew every 30 s.',
  ),
  relayMinutes: amount(
    'minutes',
    1,
    100_000,
    'That one relayed connection may last before it is cut, so that it is tried again whether a direct one is possible.',
  ),
}

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
    'auto: the full screen on a terminal, plain lines elsewhere. prompt: a prompt, with the terminal’s own scrollback.',
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

/**
 * The settings valid at a place of a file, for suggestions: `[]` is the top, `['network']` one level below.
 */
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
