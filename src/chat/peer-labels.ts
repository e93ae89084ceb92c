/**
 * Peer labels: the peer id and fingerprint of a key, cached for a bounded number of peers, since every
 * message shown needs them.
 */

import { dropOldest } from '../common/rate-limit.ts'
import { peerIdOf } from '../network/peer-id.ts'
import type { Crypto } from '../protocol/crypto.ts'
import type { PeerKey } from '../protocol/ids.ts'
import { fromHex } from '../protocol/ids.ts'
import { fingerprint } from '../room/names/names.ts'

/** As many as a large room has authors. */
const MAX_ENTRIES = 4_096

export interface Identity {
  /** Peer id, base58btc. */
  readonly peer: string
  readonly fingerprint: string
}

export class PeerLabels {
  readonly #crypto: Crypto
  readonly #entries = new Map<PeerKey, Identity>()

  constructor(crypto: Crypto) {
    this.#crypto = crypto
  }

  of(key: PeerKey): Identity {
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const entry = {
      peer: peerIdOf(key).toString(),
      fingerprint: fingerprint(fromHex(key), this.#crypto.sha256),
    }
    this.#entries.set(key, entry)
    if (this.#entries.size > MAX_ENTRIES) dropOldest(this.#entries)
    return entry
  }
}
