/**
 * The options of the command line as a table: one row is a flag, an environment variable, a setting and its
 * help. The parser, the environment, the help texts and the error messages all read this table, so they can't
 * disagree. It is data only; `schema.ts` has the valid values.
 */

export type Role = 'peer' | 'helper'

/** `text`: one value. `list`: may be repeated. `switch`: no value, stands for `means`. */
export type OptionForm =
  | { readonly kind: 'text'; readonly placeholder: string }
  | { readonly kind: 'number'; readonly placeholder: string }
  | { readonly kind: 'list'; readonly placeholder: string }
  | { readonly kind: 'switch'; readonly means: string }

export interface OptionSpec {
  /** Without the dashes. */
  readonly flag: string
  /** The setting that it sets, by its dotted name; `config` names the file itself. */
  readonly key: string
  readonly form: OptionForm
  readonly roles: readonly Role[]
  readonly help: string
}

const BOTH: readonly Role[] = ['peer', 'helper']
const PEER: readonly Role[] = ['peer']
const HELPER: readonly Role[] = ['helper']

/** In the order in which help shows them. */
export const OPTIONS: readonly OptionSpec[] = [
  {
    flag: 'name',
    key: 'name',
    form: { kind: 'text', placeholder: 'NAME' },
    roles: PEER,
    help: 'username, 1 to 32 characters (default: the login name)',
  },
  {
    flag: 'helper',
    key: 'helpers',
    form: { kind: 'list', placeholder: 'ADDR' },
    roles: PEER,
    help: 'a helper: HOST, HOST:PORT or a multiaddr; may be repeated. Without /p2p/… its key is pinned at first use',
  },
  {
    flag: 'trust-new-helper',
    key: 'trustNewHelper',
    form: { kind: 'switch', means: 'accept' },
    roles: PEER,
    help: "accept and pin a helper's new key when it differs from the pinned one",
  },
  {
    flag: 'listen',
    key: 'listen',
    form: { kind: 'list', placeholder: 'MULTIADDR' },
    roles: BOTH,
    help: 'address to listen on; may be repeated (default: a free TCP port on all addresses; helper: TCP port 12345)',
  },
  {
    flag: 'port',
    key: 'port',
    form: { kind: 'number', placeholder: 'PORT' },
    roles: HELPER,
    help: 'the TCP port of --listen; 0 picks a free one (default: 12345)',
  },
  {
    flag: 'announce',
    key: 'announce',
    form: { kind: 'list', placeholder: 'MULTIADDR' },
    roles: BOTH,
    help: "additional address to announce, such as a server's public DNS name; may be repeated",
  },
  {
    flag: 'data',
    key: 'dataDir',
    form: { kind: 'text', placeholder: 'DIR' },
    roles: BOTH,
    help: "folder for the identity, the log and saved answers (default: the platform's data folder)",
  },
  {
    flag: 'keep-days',
    key: 'retention.days',
    form: { kind: 'number', placeholder: 'N' },
    roles: PEER,
    help: 'delete messages older than N days (default: 0, keep all)',
  },
  {
    flag: 'keep-mb',
    key: 'retention.megabytes',
    form: { kind: 'number', placeholder: 'N' },
    roles: PEER,
    help: 'delete the oldest messages of a room that has more than N megabytes (default: 0, keep all)',
  },
  {
    flag: 'no-lan',
    key: 'lan',
    form: { kind: 'switch', means: 'off' },
    roles: PEER,
    help: 'no multicast discovery on the local network, and no port mapping by UPnP, NAT-PMP or PCP (in the environment: PARLEY_NO_LAN=1 or PARLEY_LAN=off)',
  },
  {
    flag: 'json',
    key: 'output',
    form: { kind: 'switch', means: 'json' },
    roles: BOTH,
    help: 'one JSON object per line on standard input and output',
  },
  {
    flag: 'plain',
    key: 'output',
    form: { kind: 'switch', means: 'plain' },
    roles: BOTH,
    help: 'plain lines even on a terminal: no redrawing, for screen readers',
  },
  {
    flag: 'prompt',
    key: 'output',
    form: { kind: 'switch', means: 'prompt' },
    roles: PEER,
    help: "a prompt instead of the full screen, with the terminal's own scrollback",
  },
  {
    flag: 'admin',
    key: 'admin',
    form: { kind: 'text', placeholder: 'HOST:PORT' },
    roles: HELPER,
    help: 'serve /healthz, /metrics and the status page there (default: off)',
  },
  {
    flag: 'log-level',
    key: 'logLevel',
    form: { kind: 'text', placeholder: 'LEVEL' },
    roles: BOTH,
    help: 'what to log on standard error: silent, error, warn, info, debug or trace (default: warn; helper: info)',
  },
  {
    flag: 'config',
    key: 'config',
    form: { kind: 'text', placeholder: 'FILE' },
    roles: BOTH,
    help: 'read settings from this JSON file; flags and environment variables override it',
  },
]

/** The prefix of all our environment variables. */
export const ENVIRONMENT_PREFIX = 'PARLEY_'

/** The option's environment variable: `--log-level` is `PARLEY_LOG_LEVEL`. */
export function environmentName(option: OptionSpec): string {
  return `${ENVIRONMENT_PREFIX}${option.flag.toUpperCase().replaceAll('-', '_')}`
}

/** The options that one role takes. */
export function optionsOf(role: Role): readonly OptionSpec[] {
  return OPTIONS.filter(option => option.roles.includes(role))
}
