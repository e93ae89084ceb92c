/**
 * The registry: which peer is registered in which namespace, with which signed record, until when. It checks
 * no signature and knows no connection; its caller does.
 *
 * Everything that a stranger can add is bounded, and first come, first served: a full registry refuses
 * newcomers and never evicts an honest registration for them. No network address may hold more than a part of
 * it, so one machine with many keys can't fill it. Each new or changed registration gets the next position,
 * and a query is "everything after position n", which serves paging, polling and pushing alike.
 */

export class Registry {
  readonly #config: RegistryConfig
  readonly #epoch: Uint8Array
  readonly #namespaces = new Map<string, Namespace>()
  readonly #peers = new Map<string, Set<RegistrationEntry>>()
  readonly #sources = new Map<string, number>()
  #count = 0
  #lasting = 0
  #position = 0
  /** No registration ends before this, milliseconds. */
  #nextEnd = Number.POSITIVE_INFINITY

  /** `epoch`: 8 random bytes, by which cookies of an earlier run are recognised. */
  constructor(config: RegistryConfig, epoch: Uint8Array) {
    this.#config = config
    this.#epoch = epoch
  }

  register(wanted: Registration, now: number): RegisterResult {
    const fault = this.#fault(wanted)
    if (fault !== undefined) return { kind: 'refused', reason: fault }
    const ttlSeconds = wanted.ttlSeconds ?? this.#config.ttlSeconds.default
    const expiresAt = now + ttlSeconds * 1000
    const held = this.#namespaces.get(wanted.namespace)?.of(wanted.peer)
    if (held !== undefined && now < this.#end(held)) {
      return { kind: 'registered', change: this.#renew(held, wanted.record, expiresAt), ttlSeconds }
    }
    if (held !== undefined) this.#remove(held)
    if (this.#exceededLimit(wanted) !== undefined) this.expire(now)
    const lack = this.#exceededLimit(wanted)
    if (lack !== undefined) return { kind: 'refused', reason: lack }
    this.#add(wanted, expiresAt)
    return { kind: 'registered', change: 'new', ttlSeconds }
  }

  /** No effect if there is none. */
  unregister(namespace: string, peer: string): void {
    const held = this.#namespaces.get(namespace)?.of(peer)
    if (held !== undefined) this.#remove(held)
  }

  discover(query: DiscoverQuery, now: number): DiscoverResult {
    const { namespace } = query
    if (!this.#validNamespace(namespace)) return { kind: 'refused', reason: 'namespace' }
    let read = this.#readUpTo(query)
    if (read === undefined) return { kind: 'refused', reason: 'cookie' }
    const registrations: ListedRegistration[] = []
    let bytes = 0
    for (const entry of this.#namespaces.get(namespace)?.after(read) ?? []) {
      if (this.#end(entry) <= now) continue
      bytes += entry.record.length
      const full = registrations.length >= query.count || bytes > query.bytes
      if (full && registrations.length > 0) {
        const cookie = writeCookie(this.#epoch, read, namespace)
        return { kind: 'page', registrations, cookie, rest: 'more' }
      }
      registrations.push(listed(entry, now))
      read = entry.position
    }
    const cookie = writeCookie(this.#epoch, this.#position, namespace)
    return { kind: 'page', registrations, cookie, rest: 'none' }
  }

  /** The peer's last connection closed. */
  onDisconnected(peer: string, now: number): void {
    for (const entry of this.#peers.get(peer) ?? []) {
      entry.leftAt = Math.min(entry.leftAt, now)
      this.#nextEnd = Math.min(this.#nextEnd, this.#end(entry))
    }
  }

  /** The peer is connected again: its remaining registrations continue. */
  onConnected(peer: string, now: number): void {
    this.expire(now)
    for (const entry of this.#peers.get(peer) ?? []) entry.leftAt = Number.POSITIVE_INFINITY
  }

  /** Removes what has ended. Cheap if nothing has. */
  expire(now: number): void {
    if (now < this.#nextEnd) return
    this.#nextEnd = Number.POSITIVE_INFINITY
    for (const entry of [...this.#peers.values()].flatMap(entries => [...entries])) {
      const end = this.#end(entry)
      if (end <= now) this.#remove(entry)
      else this.#nextEnd = Math.min(this.#nextEnd, end)
    }
  }

  /** Whether two peers are registered in a namespace together. */
  shareNamespace(a: string, b: string): boolean {
    const shelves = [...(this.#peers.get(a) ?? [])].map(entry => this.#namespaces.get(entry.namespace))
    return shelves.some(shelf => shelf?.of(b) !== undefined)
  }

  /** The size; ended registrations may count until `expire`. */
  stats(): { readonly registrations: number; readonly namespaces: number; readonly peers: number } {
    return { registrations: this.#count, namespaces: this.#namespaces.size, peers: this.#peers.size }
  }

  #fault({ namespace, record, ttlSeconds }: Registration): RegisterRefusal | undefined {
    const { recordBytes, ttlSeconds: ttl } = this.#config
    if (!this.#validNamespace(namespace)) return 'namespace'
    if (record.length === 0 || record.length > recordBytes) return 'record'
    if (ttlSeconds !== undefined && !(ttlSeconds >= ttl.min && ttlSeconds <= ttl.max)) return 'ttl'
    return undefined
  }

  #validNamespace(namespace: string): boolean {
    return namespace !== '' && Buffer.byteLength(namespace, 'utf8') <= this.#config.namespaceBytes
  }

  /** The limit that a new registration would exceed. */
  #exceededLimit({ namespace, peer, source }: Registration): RegisterRefusal | undefined {
    const config = this.#config
    if (this.#count >= config.registrations) return 'full'
    if (this.#lifetime(namespace) === 'lasting' && this.#lasting >= config.lasting) return 'lasting-full'
    if ((this.#peers.get(peer)?.size ?? 0) >= config.perPeer) return 'peer-full'
    if ((this.#sources.get(source) ?? 0) >= config.perSource) return 'source-full'
    const shelf = this.#namespaces.get(namespace)
    if (shelf === undefined) return undefined
    if (shelf.size >= config.perNamespace) return 'namespace-full'
    if (shelf.from(source) >= config.perSourceAndNamespace) return 'source-full'
    return undefined
  }

  #renew(held: RegistrationEntry, record: Uint8Array, expiresAt: number): 'changed' | 'same' {
    held.expiresAt = expiresAt
    held.leftAt = Number.POSITIVE_INFINITY
    this.#nextEnd = Math.min(this.#nextEnd, expiresAt)
    if (Buffer.compare(held.record, record) === 0) return 'same'
    const shelf = this.#namespaces.get(held.namespace)
    shelf?.remove(held)
    held.record = record
    held.position = ++this.#position
    shelf?.add(held)
    return 'changed'
  }

  #add({ namespace, peer, source, record }: Registration, expiresAt: number): void {
    const lifetime = this.#lifetime(namespace)
    const position = ++this.#position
    const leftAt = Number.POSITIVE_INFINITY
    const entry = { namespace, peer, source, lifetime, record, position, expiresAt, leftAt }
    getOrMake(this.#namespaces, namespace, () => new Namespace()).add(entry)
    getOrMake(this.#peers, peer, () => new Set()).add(entry)
    this.#sources.set(source, (this.#sources.get(source) ?? 0) + 1)
    this.#count++
    if (lifetime === 'lasting') this.#lasting++
    this.#nextEnd = Math.min(this.#nextEnd, expiresAt)
  }

  #remove(entry: RegistrationEntry): void {
    const shelf = this.#namespaces.get(entry.namespace)
    shelf?.remove(entry)
    if (shelf?.size === 0) this.#namespaces.delete(entry.namespace)
    const ofPeer = this.#peers.get(entry.peer)
    ofPeer?.delete(entry)
    if (ofPeer?.size === 0) this.#peers.delete(entry.peer)
    const ofSource = (this.#sources.get(entry.source) ?? 1) - 1
    if (ofSource === 0) this.#sources.delete(entry.source)
    else this.#sources.set(entry.source, ofSource)
    this.#count--
    if (entry.lifetime === 'lasting') this.#lasting--
  }

  #lifetime(namespace: string): RegistrationEntry['lifetime'] {
    return namespace.startsWith(this.#config.attachedPrefix) ? 'attached' : 'lasting'
  }

  #end({ lifetime, expiresAt, leftAt }: RegistrationEntry): number {
    return lifetime === 'lasting' ? expiresAt : Math.min(expiresAt, leftAt + this.#config.graceMs)
  }

  #readUpTo({ cookie, namespace }: DiscoverQuery): number | undefined {
    if (cookie === undefined || cookie.length === 0) return 0
    const position = readCookie(this.#epoch, cookie, namespace)
    return position !== undefined && position <= this.#position ? position : undefined
  }
}

function listed(entry: RegistrationEntry, now: number): ListedRegistration {
  const ttlSeconds = Math.max(1, Math.ceil((entry.expiresAt - now) / 1000))
  return { peer: entry.peer, record: entry.record, ttlSeconds }
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const held = map.get(key)
  if (held !== undefined) return held
  const made = make()
  map.set(key, made)
  return made
}

// The registry's inputs and outputs.

export interface RegistryConfig {
  /** Registrations in all. */
  readonly registrations: number
  /**
   * How many of them may be lasting ones, so that what strangers leave behind can't lock out those who are
   * present.
   */
  readonly lasting: number
  readonly perPeer: number
  readonly perNamespace: number
  /** Of one network address, in the whole registry and in one namespace. */
  readonly perSource: number
  readonly perSourceAndNamespace: number
  /** UTF-8 bytes. */
  readonly namespaceBytes: number
  readonly recordBytes: number
  readonly ttlSeconds: { readonly min: number; readonly default: number; readonly max: number }
  /**
   * Registrations in namespaces with this prefix are attached: they end `graceMs` after their peer's last
   * connection closed, because a dead address costs every newcomer a failed dial. All others are lasting:
   * they end with their TTL, as in the rendezvous specification.
   */
  readonly attachedPrefix: string
  readonly graceMs: number
}

export interface Registration {
  readonly namespace: string
  /** Peer id as text. */
  readonly peer: string
  /** The network address that it came from, in the granularity of the limits. */
  readonly source: string
  /** The signed peer record, opaque here. The registry keeps this very array. */
  readonly record: Uint8Array
  readonly ttlSeconds?: number
}

export type RegisterRefusal =
  | 'namespace'
  | 'record'
  | 'ttl'
  | 'full'
  | 'lasting-full'
  | 'peer-full'
  | 'namespace-full'
  | 'source-full'

export type RegisterResult =
  | {
      readonly kind: 'registered'
      /** `same`: only its end moved, so nobody needs to be notified. */
      readonly change: 'new' | 'changed' | 'same'
      readonly ttlSeconds: number
    }
  | { readonly kind: 'refused'; readonly reason: RegisterRefusal }

export interface DiscoverQuery {
  readonly namespace: string
  /** From an earlier page of the same namespace. */
  readonly cookie?: Uint8Array
  /** A page exceeds neither limit, but holds at least one registration if there is one. */
  readonly count: number
  readonly bytes: number
}

export interface ListedRegistration {
  readonly peer: string
  readonly record: Uint8Array
  /** The remaining time, rounded up. */
  readonly ttlSeconds: number
}

export type DiscoverResult =
  | {
      readonly kind: 'page'
      /** In the order of registration or last change. */
      readonly registrations: readonly ListedRegistration[]
      readonly cookie: Uint8Array
      /** Whether the cookie leads to further ones right now. */
      readonly rest: 'more' | 'none'
    }
  | { readonly kind: 'refused'; readonly reason: 'namespace' | 'cookie' }

// The cookie of a rendezvous response: how far the client has read. The client keeps it, so reading on costs
// the helper nothing between two requests. Clients must treat it as opaque; forging one gains nothing.
//
//     epoch: 8 random bytes of this registry | position: u64, big endian | namespace: UTF-8
//
// The namespace is last because rust-libp2p parses cookies: 16 bytes, then the namespace.

export const EPOCH_BYTES = 8

const PREFIX_BYTES = EPOCH_BYTES + 8

/** `position` is a counter that stays far below 2^53. */
function writeCookie(epoch: Uint8Array, position: number, namespace: string): Uint8Array {
  const name = Buffer.from(namespace, 'utf8')
  const cookie = new Uint8Array(PREFIX_BYTES + name.length)
  cookie.set(epoch, 0)
  new DataView(cookie.buffer).setBigUint64(EPOCH_BYTES, BigInt(position))
  cookie.set(name, PREFIX_BYTES)
  return cookie
}

/** The position in a cookie of this registry and namespace; undefined for any other bytes. */
function readCookie(epoch: Uint8Array, cookie: Uint8Array, namespace: string): number | undefined {
  if (cookie.length < PREFIX_BYTES) return undefined
  const bytes = Buffer.from(cookie.buffer, cookie.byteOffset, cookie.byteLength)
  if (!bytes.subarray(0, EPOCH_BYTES).equals(epoch)) return undefined
  if (!bytes.subarray(PREFIX_BYTES).equals(Buffer.from(namespace, 'utf8'))) return undefined
  const position = bytes.readBigUInt64BE(EPOCH_BYTES)
  return position <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(position) : undefined
}

// The registrations of one namespace, by peer and in the order of registration or last change.

export interface RegistrationEntry {
  readonly namespace: string
  readonly peer: string
  readonly source: string
  readonly lifetime: 'attached' | 'lasting'
  record: Uint8Array
  /** Unique in the registry, higher for later. */
  position: number
  /** Milliseconds, when the TTL ends. */
  expiresAt: number
  /** Milliseconds, when the peer's last connection closed; infinite while it is connected. */
  leftAt: number
}

export class Namespace {
  readonly #byPeer = new Map<string, RegistrationEntry>()
  /** By position, ascending. */
  readonly #order: RegistrationEntry[] = []
  readonly #sources = new Map<string, number>()

  get size(): number {
    return this.#order.length
  }

  /** How many came from this source. */
  from(source: string): number {
    return this.#sources.get(source) ?? 0
  }

  of(peer: string): RegistrationEntry | undefined {
    return this.#byPeer.get(peer)
  }

  /** Appends an entry; its position must be the highest so far. */
  add(entry: RegistrationEntry): void {
    this.#byPeer.set(entry.peer, entry)
    this.#order.push(entry)
    this.#sources.set(entry.source, this.from(entry.source) + 1)
  }

  remove(entry: RegistrationEntry): void {
    this.#byPeer.delete(entry.peer)
    this.#order.splice(this.#firstAfter(entry.position - 1), 1)
    const rest = this.from(entry.source) - 1
    if (rest === 0) this.#sources.delete(entry.source)
    else this.#sources.set(entry.source, rest)
  }

  /** Those with a higher position, ascending. */
  *after(position: number): Generator<RegistrationEntry, void> {
    for (let index = this.#firstAfter(position); index < this.#order.length; index++) {
      const entry = this.#order[index]
      if (entry !== undefined) yield entry
    }
  }

  #firstAfter(position: number): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#order[middle]?.position ?? 0) <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}
