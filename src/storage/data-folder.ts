/**
 * The data folder: a user's identity and what the program remembers, used by one program at a time. Opening
 * it is all or nothing; closing it waits for pending writes, then releases it.
 */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { platform } from 'node:os'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { type Logger, SILENT_LOGGER } from '../common/logger.ts'
import { fsFailure } from './files.ts'
import { lockFolder } from './folder-lock.ts'
import { Pins } from './helper-pins.ts'
import { loadOrCreateIdentity } from './identity.ts'
import { KnownMembers } from './known-members.ts'
import { makeFolder } from './make-folder.ts'
import { AnswersFile } from './remembered-answers.ts'

/** Only the owner may read it. */
const MODE = 0o700
const OTHERS_MAY_WRITE = 0o022

export interface DataFolder extends AsyncDisposable {
  /** Absolute. */
  readonly path: string
  /** The user's identity as a libp2p key. */
  readonly privateKey: Ed25519PrivateKey
  readonly pins: Pins
  readonly members: KnownMembers
  readonly answers: AnswersFile
  /** Waits for pending writes and releases the folder. Safe to call more than once. */
  close(): Promise<void>
}

/**
 * Opens the folder, creating it with an identity if necessary. `who` names this program to others that want
 * the folder. Throws a `ParleyError` if another program uses it, if it is no folder, not readable or
 * writable, or if its key can't be used.
 */
export async function openDataFolder(
  path: string,
  who: string,
  logger: Logger = SILENT_LOGGER,
): Promise<DataFolder> {
  await prepareFolder(path, logger)
  const lock = await lockFolder(path, who)
  try {
    return await load(path, lock.release, logger)
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function prepareFolder(path: string, logger: Logger): Promise<void> {
  try {
    makeFolder(path, MODE)
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    const { mode } = await stat(path)
    if (platform() !== 'win32' && (mode & OTHERS_MAY_WRITE) !== 0) {
      logger.warn('others on this machine may change your data folder; run: chmod 700', { folder: path })
    }
  } catch (cause) {
    throw fsFailure('use the data folder', path, cause)
  }
}

async function load(path: string, release: () => Promise<void>, logger: Logger): Promise<DataFolder> {
  const privateKey = await loadOrCreateIdentity(path)
  const pins = await Pins.open(path, logger)
  const members = await KnownMembers.open(path, logger)
  const answers = await AnswersFile.open(path, logger)
  async function close(): Promise<void> {
    await Promise.all([pins.settled(), members.settled(), answers.settled()])
    await release()
  }
  return { path, privateKey, pins, members, answers, close, [Symbol.asyncDispose]: close }
}
