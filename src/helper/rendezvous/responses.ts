/**
 * Responses: their sending, their pages and their counters. The sender limits the responses that wait to be
 * taken, so that many slow readers together can't fill the memory.
 */
import { deadline } from '../../network/deadline.ts'
import type { RendezvousStream } from '../../network/streams/length-prefixed.ts'
import type { DiscoverResponse, ErrorStatus, Message } from '../../protocol/rendezvous.ts'
import { encode } from '../../protocol/rendezvous.ts'
import { MAX_QUEUED_BYTES, PAGE_BYTES } from './limits.ts'
import type { Registry } from './registry.ts'

/** `slow`: not taken in time, or the stream broke. `overload`: not even tried. */
export type SendResult = 'sent' | 'slow' | 'overload'

export class ResponseSender {
  readonly #patienceMs: number
  #unsent = 0

  /** `patienceMs`: how long the other side may take to take a message. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /** Resolves when the stream can take more. Never rejects. */
  async send(wire: RendezvousStream, message: Message, signal: AbortSignal): Promise<SendResult> {
    const bytes = encode(message)
    if (this.#unsent + bytes.length > MAX_QUEUED_BYTES) return 'overload'
    this.#unsent += bytes.length
    try {
      await wire.write(bytes, deadline(this.#patienceMs, signal))
      return 'sent'
    } catch {
      return 'slow'
    } finally {
      this.#unsent -= bytes.length
    }
  }
}

// One page of the registry as a response, for requests and watchers alike.

export interface RegistryPage {
  readonly response: DiscoverResponse
  /** Whether the response's cookie leads to further registrations right now. */
  readonly rest: 'more' | 'none'
  /** The reason of a refusal, for the metrics. */
  readonly refused?: string
}

interface PageQuery {
  readonly namespace: string | undefined
  readonly cookie: Uint8Array | undefined
  readonly count: number
}

/**
 * The registrations of one namespace from the cookie on. Without a namespace it is refused: the specification
 * would list all, but who is in a room is told only to those who know the room.
 */
export function readRegistryPage(
  registry: Registry,
  { namespace, cookie, count }: PageQuery,
  now: number,
): RegistryPage {
  if (namespace === undefined || namespace === '') return refusePage('listing', 'E_NOT_AUTHORIZED')
  const query = { namespace, count, bytes: PAGE_BYTES, ...(cookie && { cookie }) }
  const page = registry.discover(query, now)
  if (page.kind === 'refused') {
    return refusePage(page.reason, page.reason === 'cookie' ? 'E_INVALID_COOKIE' : 'E_INVALID_NAMESPACE')
  }
  const registrations = page.registrations.map(({ record, ttlSeconds }) => ({
    namespace,
    record,
    ttlSeconds,
  }))
  return { response: { status: 'OK', registrations, cookie: page.cookie }, rest: page.rest }
}

function refusePage(reason: string, status: ErrorStatus): RegistryPage {
  return { response: { status, statusText: reason, registrations: [] }, rest: 'none', refused: reason }
}

// Refusals by reason, for the metrics and the status page.

export class RequestCounters {
  readonly #counts = new Map<string, number>()

  /** `reason` is one of the program's own words, never a stranger's, so there are few. */
  count(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  entries(): ReadonlyMap<string, number> {
    return this.#counts
  }
}
