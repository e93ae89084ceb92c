/**
 * Keeps this node registered in one namespace at one connected helper, and watches who else is, until the
 * connection fails, the helper fails, or the caller stops it. Reconnecting is the caller's business.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, Libp2p, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../common/logger.ts'
import type { OnMembers } from './namespace-watch.ts'
import { watchNamespace } from './namespace-watch.ts'
import { sealPeerRecord } from './peer-record.ts'
import type { RequestFailure, RequestOptions, RequestOutcome } from './rendezvous-client.ts'
import { register, unregister } from './rendezvous-client.ts'

/**
 * The TTL requested: other rendezvous points accept no less than two hours. Ours ends it when we are gone.
 */
const TTL_SECONDS = 7_200

/**
 * Renewed after half the granted TTL, but within these limits, so that no helper can keep us busy or make us
 * expire.
 */
const RENEW_MIN_MS = 30_000
const RENEW_MAX_MS = 3_600_000

/** After a refusal: whatever was full may have room again. */
const RETRY_MS = 30_000

/** For unregistering on exit: the helper notices anyway, and this only spares newcomers a failed dial. */
const GOODBYE_MS = 500

/** The addresses to announce, without `/p2p/…`, now and when they change. */
export interface OwnAddresses {
  addresses(): readonly Multiaddr[]
  /** Returns a function that ends it. */
  onChange(listener: () => void): () => void
}

export interface KeepRegisteredOptions {
  readonly node: Libp2p
  /** The node's own key, which signs its addresses. */
  readonly privateKey: PrivateKey
  /** The own addresses. */
  readonly own: OwnAddresses
  /** The connection to the helper. */
  readonly connection: Connection
  readonly namespace: string
  readonly onMembers: OnMembers
  /** The helper accepted the registration, for the first time and after each refusal. */
  readonly onRegistered?: () => void
  /** When it fires, the registration is withdrawn. */
  readonly signal: AbortSignal
  readonly logger: Logger
}

/**
 * Registers and watches at the same time, so that a newcomer needs a single round trip. A refused
 * registration is retried and doesn't end the watch: a peer that can't be found can still find others. Never
 * rejects.
 */
export async function keepRegistered(options: KeepRegisteredOptions): Promise<RequestFailure> {
  const { node, connection, namespace } = options
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  const ask: RequestOptions = { connection, namespace, signal }
  using own = new OwnRecord(options)
  const following = { ask, self: node.peerId, ownRecord: () => own.last, onMembers: options.onMembers }
  const halves = [renewRegistration(ask, own, options), watchNamespace(following)]
  const failure = await Promise.race(halves)
  over.abort()
  await Promise.all(halves)
  if (!options.signal.aborted) return failure
  await unregister({ ...ask, signal: AbortSignal.timeout(GOODBYE_MS) })
  return { kind: 'stopped' }
}

async function renewRegistration(
  ask: RequestOptions,
  own: OwnRecord,
  options: KeepRegisteredOptions,
): Promise<RequestFailure> {
  let before: 'registered' | 'refused' | undefined
  while (!ask.signal.aborted) {
    const result = await register({ ...ask, record: await own.sealed(), ttlSeconds: TTL_SECONDS })
    if (result.kind !== 'ok' && result.kind !== 'refused') return result
    const now = result.kind === 'ok' ? 'registered' : 'refused'
    if (now !== before) logFailure(result, options)
    before = now
    await own.changed(result.kind === 'ok' ? renewal(result.value) : RETRY_MS, ask.signal)
  }
  return { kind: 'stopped' }
}

function logFailure(
  result: RequestOutcome<number>,
  { onRegistered, logger, namespace }: KeepRegisteredOptions,
): void {
  if (result.kind === 'ok') onRegistered?.()
  else logger.warn('a helper refuses to register us', { namespace, ...result })
}

function renewal(ttlSeconds: number): number {
  return Math.min(Math.max((ttlSeconds * 1000) / 2, RENEW_MIN_MS), RENEW_MAX_MS)
}

/**
 * This node's signed addresses. The same record is returned as long as they don't change: it renews silently,
 * while a newly signed one would make every member look again.
 */
class OwnRecord implements Disposable {
  readonly #node: Libp2p
  readonly #privateKey: PrivateKey
  readonly #own: OwnAddresses
  readonly #stopListening: () => void
  #addresses = ''
  #record: Uint8Array = new Uint8Array()
  #update = new AbortController()

  constructor({ node, privateKey, own }: Pick<KeepRegisteredOptions, 'node' | 'privateKey' | 'own'>) {
    this.#node = node
    this.#privateKey = privateKey
    this.#own = own
    this.#stopListening = own.onChange(() => this.#check())
  }

  /** The last one returned; empty before. */
  get last(): Uint8Array {
    return this.#record
  }

  async sealed(): Promise<Uint8Array> {
    const addresses = [...this.#own.addresses()]
    if (addresses.join() !== this.#addresses) {
      this.#record = await sealPeerRecord(this.#node.peerId, this.#privateKey, addresses)
      this.#addresses = addresses.join()
    }
    return this.#record
  }

  /** Resolves when the addresses differ from those last signed, after `ms`, or when the signal fires. */
  async changed(ms: number, signal: AbortSignal): Promise<void> {
    this.#update = new AbortController()
    this.#check()
    const either = AbortSignal.any([signal, this.#update.signal])
    await pause(ms, undefined, { signal: either, ref: false }).catch(() => {})
  }

  [Symbol.dispose](): void {
    this.#stopListening()
  }

  #check(): void {
    if (this.#own.addresses().join() !== this.#addresses) this.#update.abort()
  }
}
