/**
 * The private key, which is the user's identity and the only thing in the data folder that can't be
 * recovered. It is created on first use, never overwritten, and only used if nobody else can read it. The
 * file is in the protobuf form of the libp2p peer id specification, so that other libp2p tools can read it.
 */
import { stat } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { ParleyError } from '../common/errors.ts'
import { fsFailure, readBounded, replaceFile } from './files.ts'

/** The file name in the data folder. */
export const IDENTITY_FILE = 'identity.key'

/** An Ed25519 key in this form has 68 bytes. */
const MAX_KEY_BYTES = 1_024

/** Permissions of group and others. */
const NOT_OWNER = 0o077

/** The key of the data folder, created if there is none. The folder must be locked. */
export async function loadOrCreateIdentity(folder: string): Promise<Ed25519PrivateKey> {
  const known = await readIdentity(folder)
  if (known !== undefined) return known
  const key = await generateKeyPair('Ed25519')
  await replaceFile(join(folder, IDENTITY_FILE), privateKeyToProtobuf(key))
  return key
}

/** The key of the data folder, or undefined if there is none. Needs no lock. */
export async function readIdentity(folder: string): Promise<Ed25519PrivateKey | undefined> {
  const path = join(folder, IDENTITY_FILE)
  const bytes = await readBounded(path, MAX_KEY_BYTES)
  if (bytes === undefined) return undefined
  await refuseIfOpen(path)
  return decode(bytes, path)
}

/** As ssh does: a key that others can read may be compromised. Windows keeps permissions elsewhere. */
async function refuseIfOpen(path: string): Promise<void> {
  if (platform() === 'win32') return
  const { mode } = await stat(path).catch((cause: unknown) => {
    throw fsFailure('look at', path, cause)
  })
  if ((mode & NOT_OWNER) === 0) return
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  throw new ParleyError(
    'identity-open',
    `your private key ${path} can be read or changed by others on this machine (its permissions are ${shown})`,
    `Run: chmod 600 ${path} (or, if somebody may have copied it, move it away: parley then makes a new identity).`,
  )
}

function decode(bytes: Uint8Array, path: string): Ed25519PrivateKey {
  let cause: unknown
  try {
    const key = privateKeyFromProtobuf(bytes)
    if (key.type === 'Ed25519') return key
  } catch (error) {
    cause = error
  }
  throw new ParleyError(
    'identity-corrupt',
    `your private key ${path} is not a readable Ed25519 key`,
    'Restore it from a backup, or move it away: parley then makes a new identity, and others see a new person.',
    { cause },
  )
}
