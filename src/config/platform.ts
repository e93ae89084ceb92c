/**
 * Defaults from the machine: the platform's data folder and the login name. The facts are passed in, so that
 * each platform can be tested on any other.
 */

import { posix, win32 } from 'node:path'
import { checkName, MAX_NAME_GRAPHEMES } from '../room/names/names.ts'
import type { Role } from './options.ts'

/** What the configuration needs to know about the machine. */
export interface HostFacts {
  readonly platform: NodeJS.Platform
  /** The home folder, absolute. */
  readonly home: string
  /** The login name. */
  readonly login: string
  /** The working folder, absolute. */
  readonly cwd: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** A helper has a folder of its own, so that it can run beside a chat. */
const FOLDER: Readonly<Record<Role, string>> = { peer: 'parley', helper: 'parley-helper' }

/**
 * The platform's data folder: `XDG_DATA_HOME` or `~/.local/share` (XDG Base Directory Specification),
 * `~/Library/Application Support` on macOS, `%LOCALAPPDATA%` on Windows (a log must not roam).
 */
export function platformDataFolder(role: Role, host: HostFacts, env: Environment): string {
  switch (host.platform) {
    case 'win32':
      return win32.join(env['LOCALAPPDATA'] || win32.join(host.home, 'AppData', 'Local'), FOLDER[role])
    case 'darwin':
      return posix.join(host.home, 'Library', 'Application Support', FOLDER[role])
    default:
      return posix.join(xdgDataHome(host, env), FOLDER[role])
  }
}

/** The specification says to ignore a relative one. */
function xdgDataHome(host: HostFacts, env: Environment): string {
  const chosen = env['XDG_DATA_HOME'] ?? ''
  return posix.isAbsolute(chosen) ? chosen : posix.join(host.home, '.local', 'share')
}

/** A user's folder made absolute: `~/` is the home folder, the rest is relative to `base`. */
export function absoluteFolder(folder: string, base: string, host: HostFacts): string {
  const path = host.platform === 'win32' ? win32 : posix
  if (folder === '~' || folder.startsWith('~/')) return path.join(host.home, folder.slice(2))
  return path.resolve(base, folder)
}

/** The username if the login name can't be one. */
const NAMELESS = 'guest'

/** The login name as a username: truncated if it is too long, `guest` if it is still invalid. */
export function usernameFromLogin(login: string): string {
  const checked = checkName(login.length <= MAX_NAME_GRAPHEMES ? login : cut(login))
  return checked.kind === 'valid' ? checked.name : NAMELESS
}

function cut(login: string): string {
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(login)
  return Array.from(graphemes, part => part.segment)
    .slice(0, MAX_NAME_GRAPHEMES)
    .join('')
}
