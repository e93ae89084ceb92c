/**
 * `parley id`: the own identity. Works while a chat uses the data folder; creates the identity if there is
 * none yet.
 */
import type { Flags } from '../../config/layers.ts'
import { resolvePeer } from '../../config/resolve.ts'
import type { PeerConfig } from '../../config/types.ts'
import { toHex } from '../../protocol/ids.ts'
import { openDataFolder } from '../../storage/data-folder.ts'
import { readIdentity } from '../../storage/identity.ts'
import { peekAnswers } from '../../storage/remembered-answers.ts'
import type { Io } from '../io.ts'
import { fingerprintOfKey } from '../output/format.ts'
import { reportFailure } from '../output/stderr.ts'
import { sourcesOf, writeFields } from './visit.ts'

/** Prints name, peer id, public key, fingerprint and data folder. Resolves with the exit code. */
export async function id(flags: Flags, io: Io): Promise<number> {
  const sources = sourcesOf(flags, io)
  const { config } = await resolvePeer(sources)
  try {
    const answers = await peekAnswers(config.dataDir)
    const { config: mine } = await resolvePeer({ ...sources, ...(answers && { answers }) })
    writeFields(await identityOf(mine, io), io, mine.output)
    return 0
  } catch (error) {
    return reportFailure(error, io, config.output)
  }
}

async function identityOf(config: PeerConfig, io: Io): Promise<Readonly<Record<string, string>>> {
  const { publicKey } = (await readIdentity(config.dataDir)) ?? (await createdIdentity(config, io))
  return {
    name: config.name,
    peer: publicKey.toString(),
    publicKey: toHex(publicKey.raw),
    fingerprint: fingerprintOfKey(publicKey.raw),
    dataDir: config.dataDir,
  }
}

async function createdIdentity(config: PeerConfig, io: Io) {
  await using folder = await openDataFolder(config.dataDir, io.who)
  return folder.privateKey
}
