/**
 * Pushes registrations to the watchers of a namespace. A watcher is just a position in the registry and a
 * stream: after a change it gets everything after its position, as if it had asked. So there is no queue for
 * a slow one to fill; it falls behind, and one that doesn't take a message in time is disconnected.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { RendezvousStream } from '../../network/streams/length-prefixed.ts'
import { MAX_PAGE_COUNT } from '../../protocol/rendezvous.ts'
import { PUSH_GAP_MS, PUSHES_PER_SECOND } from './limits.ts'
import type { Registry } from './registry.ts'
import type { RegistryPage, RequestCounters, ResponseSender } from './responses.ts'
import { readRegistryPage } from './responses.ts'

export interface WatchersDeps {
  readonly registry: Registry
  /** Milliseconds. */
  readonly now: () => number
  readonly sender: ResponseSender
  readonly counters: RequestCounters
  /** Watchers in all, and of one peer. */
  readonly limits: { readonly watchers: number; readonly watchersPerPeer: number }
}

export interface Watch {
  readonly peer: string
  readonly namespace: string
  readonly cookie?: Uint8Array
}

/** A signal that something may have changed since the last read. */
class ChangeSignal {
  #waiting = Promise.withResolvers<void>()

  signal(): void {
    this.#waiting.resolve()
  }

  /** Resolves once it was signalled since the last call. Rejects when the signal fires. */
  async changed(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>()
    const onAbort = () => aborted.reject(signal.reason)
    signal.throwIfAborted()
    signal.addEventListener('abort', onAbort)
    try {
      await Promise.race([this.#waiting.promise, aborted.promise])
      this.#waiting = Promise.withResolvers()
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

export class Watchers {
  readonly #deps: WatchersDeps
  readonly #namespaces = new Map<string, Set<ChangeSignal>>()
  readonly #peers = new Map<string, number>()
  #count = 0

  constructor(deps: WatchersDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#count
  }

  /** Someone registered or changed there. */
  notify(namespace: string): void {
    for (const bell of this.#namespaces.get(namespace) ?? []) bell.signal()
  }

  /** Serves one watcher until it leaves, is too slow or is refused. Never rejects. */
  async serve(watch: Watch, wire: RendezvousStream, signal: AbortSignal): Promise<void> {
    const { sender, counters, limits } = this.#deps
    const ofPeer = this.#peers.get(watch.peer) ?? 0
    if (this.#count >= limits.watchers || ofPeer >= limits.watchersPerPeer) {
      counters.count('watchers')
      const refused = { status: 'E_UNAVAILABLE', statusText: 'too many watchers', registrations: [] } as const
      await sender.send(wire, { kind: 'discover-response', ...refused }, signal)
      return
    }
    const bell = this.#add(watch, ofPeer)
    try {
      await this.#push(watch, wire, bell, signal)
    } catch {
      // the signal fired: the watcher or the helper left
    } finally {
      this.#remove(watch, bell)
    }
  }

  async #push(
    { namespace, cookie }: Watch,
    wire: RendezvousStream,
    bell: ChangeSignal,
    signal: AbortSignal,
  ): Promise<void> {
    const { registry, now } = this.#deps
    let from = cookie
    for (let turn = 0; !signal.aborted; turn++) {
      const page = readRegistryPage(registry, { namespace, cookie: from, count: MAX_PAGE_COUNT }, now())
      const worthSending = turn === 0 || page.response.registrations.length > 0
      if (worthSending && (await this.#send(page, wire, signal)) === 'over') return
      from = page.response.cookie
      if (page.rest === 'more') continue
      await pause(this.#gap(namespace), undefined, { signal, ref: false })
      await bell.changed(signal)
    }
  }

  async #send(page: RegistryPage, wire: RendezvousStream, signal: AbortSignal): Promise<'on' | 'over'> {
    const { sender, counters } = this.#deps
    const sent = await sender.send(wire, { kind: 'discover-response', ...page.response }, signal)
    if (sent !== 'sent' && !signal.aborted) counters.count(`watcher-${sent}`)
    if (page.refused !== undefined) counters.count(page.refused)
    return sent === 'sent' && page.refused === undefined ? 'on' : 'over'
  }

  #gap(namespace: string): number {
    const watchers = this.#namespaces.get(namespace)?.size ?? 0
    return Math.max(PUSH_GAP_MS, (watchers / PUSHES_PER_SECOND) * 1000)
  }

  #add({ peer, namespace }: Watch, ofPeer: number): ChangeSignal {
    const bell = new ChangeSignal()
    this.#count++
    this.#peers.set(peer, ofPeer + 1)
    const others = this.#namespaces.get(namespace) ?? new Set()
    this.#namespaces.set(namespace, others.add(bell))
    return bell
  }

  #remove({ peer, namespace }: Watch, bell: ChangeSignal): void {
    this.#count--
    const ofPeer = (this.#peers.get(peer) ?? 1) - 1
    if (ofPeer === 0) this.#peers.delete(peer)
    else this.#peers.set(peer, ofPeer)
    const others = this.#namespaces.get(namespace)
    others?.delete(bell)
    if (others?.size === 0) this.#namespaces.delete(namespace)
  }
}
