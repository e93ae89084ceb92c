/**
 * The helper's table: which peer is registered in which namespace, with which signed record, until when. It
 * checks no signature and knows no connection; whoever feeds it does.
 *
 * Everything a stranger can put here is bounded, and whoever came first stays: a full table refuses newcomers
 * and never drops an honest registration for them. No network address may hold more than a part of it, so one
 * machine with many keys can't fill it. Each new or changed registration gets the next position, and reading
 * is "what came after position n", which serves paging, polling and pushing alike.
 */
import type {
  DiscoverResult,
  Listed,
  Query,
  Refusal,
  RegisterResult,
  Registration,
  RegistryConfig,
} from './registry-contract.ts'
import { readCookie, writeCookie } from './registry-cookie.ts'
import type { Entry } from './registry-shelf.ts'
import { Shelf } from './registry-shelf.ts'

export class Registry {
  readonly #config: RegistryConfig
  readonly #epoch: Uint8Array
  readonly #shelves = new Map<string, Shelf>()
  readonly #peers = new Map<string, Set<Entry>>()
  readonly #sources = new Map<string, number>()
  #count = 0
  #lasting = 0
  #position = 0
  /** No registration ends before this, milliseconds. */
  #nextEnd = Number.POSITIVE_INFINITY

  /** `epoch`: 8 random bytes, so that cookies of an earlier run are known as such. */
  constructor(config: RegistryConfig, epoch: Uint8Array) {
    this.#config = config
    this.#epoch = epoch
  }

  register(wanted: Registration, now: number): RegisterResult {
    const fault = this.#fault(wanted)
    if (fault !== undefined) return { kind: 'refused', reason: fault }
    const ttlSeconds = wanted.ttlSeconds ?? this.#config.ttlSeconds.default
    const expiresAt = now + ttlSeconds * 1000
    const held = this.#shelves.get(wanted.namespace)?.of(wanted.peer)
    if (held !== undefined && now < this.#end(held)) {
      return { kind: 'registered', change: this.#renew(held, wanted.record, expiresAt), ttlSeconds }
    }
    if (held !== undefined) this.#remove(held)
    if (this.#lack(wanted) !== undefined) this.expire(now)
    const lack = this.#lack(wanted)
    if (lack !== undefined) return { kind: 'refused', reason: lack }
    this.#add(wanted, expiresAt)
    return { kind: 'registered', change: 'new', ttlSeconds }
  }

  /** Without effect where there is none. */
  unregister(namespace: string, peer: string): void {
    const held = this.#shelves.get(namespace)?.of(peer)
    if (held !== undefined) this.#remove(held)
  }

  discover(query: Query, now: number): DiscoverResult {
    const { namespace } = query
    if (!this.#validNamespace(namespace)) return { kind: 'refused', reason: 'namespace' }
    let read = this.#readUpTo(query)
    if (read === undefined) return { kind: 'refused', reason: 'cookie' }
    const registrations: Listed[] = []
    let bytes = 0
    for (const entry of this.#shelves.get(namespace)?.after(read) ?? []) {
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
  departed(peer: string, now: number): void {
    for (const entry of this.#peers.get(peer) ?? []) {
      entry.leftAt = Math.min(entry.leftAt, now)
      this.#nextEnd = Math.min(this.#nextEnd, this.#end(entry))
    }
  }

  /** The peer is connected again: what has not ended yet goes on. */
  returned(peer: string, now: number): void {
    this.expire(now)
    for (const entry of this.#peers.get(peer) ?? []) entry.leftAt = Number.POSITIVE_INFINITY
  }

  /** Drops what has ended. Cheap when nothing has. */
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
  areTogether(a: string, b: string): boolean {
    const shelves = [...(this.#peers.get(a) ?? [])].map(entry => this.#shelves.get(entry.namespace))
    return shelves.some(shelf => shelf?.of(b) !== undefined)
  }

  /** How much it holds; what has ended may still count until `expire`. */
  stats(): { readonly registrations: number; readonly namespaces: number; readonly peers: number } {
    return { registrations: this.#count, namespaces: this.#shelves.size, peers: this.#peers.size }
  }

  #fault({ namespace, record, ttlSeconds }: Registration): Refusal | undefined {
    const { recordBytes, ttlSeconds: ttl } = this.#config
    if (!this.#validNamespace(namespace)) return 'namespace'
    if (record.length === 0 || record.length > recordBytes) return 'record'
    if (ttlSeconds !== undefined && !(ttlSeconds >= ttl.min && ttlSeconds <= ttl.max)) return 'ttl'
    return undefined
  }

  #validNamespace(namespace: string): boolean {
    return namespace !== '' && Buffer.byteLength(namespace, 'utf8') <= this.#config.namespaceBytes
  }

  /** Which limit a registration that isn't held yet would exceed. */
  #lack({ namespace, peer, source }: Registration): Refusal | undefined {
    const config = this.#config
    if (this.#count >= config.registrations) return 'full'
    if (this.#lifetime(namespace) === 'lasting' && this.#lasting >= config.lasting) return 'lasting-full'
    if ((this.#peers.get(peer)?.size ?? 0) >= config.perPeer) return 'peer-full'
    if ((this.#sources.get(source) ?? 0) >= config.perSource) return 'source-full'
    const shelf = this.#shelves.get(namespace)
    if (shelf === undefined) return undefined
    if (shelf.size >= config.perNamespace) return 'namespace-full'
    if (shelf.from(source) >= config.perSourceAndNamespace) return 'source-full'
    return undefined
  }

  #renew(held: Entry, record: Uint8Array, expiresAt: number): 'changed' | 'same' {
    held.expiresAt = expiresAt
    held.leftAt = Number.POSITIVE_INFINITY
    this.#nextEnd = Math.min(this.#nextEnd, expiresAt)
    if (Buffer.compare(held.record, record) === 0) return 'same'
    const shelf = this.#shelves.get(held.namespace)
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
    getOrMake(this.#shelves, namespace, () => new Shelf()).add(entry)
    getOrMake(this.#peers, peer, () => new Set()).add(entry)
    this.#sources.set(source, (this.#sources.get(source) ?? 0) + 1)
    this.#count++
    if (lifetime === 'lasting') this.#lasting++
    this.#nextEnd = Math.min(this.#nextEnd, expiresAt)
  }

  #remove(entry: Entry): void {
    const shelf = this.#shelves.get(entry.namespace)
    shelf?.remove(entry)
    if (shelf?.size === 0) this.#shelves.delete(entry.namespace)
    const ofPeer = this.#peers.get(entry.peer)
    ofPeer?.delete(entry)
    if (ofPeer?.size === 0) this.#peers.delete(entry.peer)
    const ofSource = (this.#sources.get(entry.source) ?? 1) - 1
    if (ofSource === 0) this.#sources.delete(entry.source)
    else this.#sources.set(entry.source, ofSource)
    this.#count--
    if (entry.lifetime === 'lasting') this.#lasting--
  }

  #lifetime(namespace: string): Entry['lifetime'] {
    return namespace.startsWith(this.#config.attachedPrefix) ? 'attached' : 'lasting'
  }

  #end({ lifetime, expiresAt, leftAt }: Entry): number {
    return lifetime === 'lasting' ? expiresAt : Math.min(expiresAt, leftAt + this.#config.graceMs)
  }

  #readUpTo({ cookie, namespace }: Query): number | undefined {
    if (cookie === undefined || cookie.length === 0) return 0
    const position = readCookie(this.#epoch, cookie, namespace)
    return position !== undefined && position <= this.#position ? position : undefined
  }
}

function listed(entry: Entry, now: number): Listed {
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
