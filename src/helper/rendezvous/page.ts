/**
 * One page of the table as an answer: the same for who asks and for who watches.
 */

import type { DiscoverResponse, ErrorStatus } from '../../protocol/message.ts'
import { PAGE_BYTES } from './limits.ts'
import type { Registry } from './registry.ts'

export interface Page {
  readonly response: DiscoverResponse
  /** Whether the response's cookie leads to further registrations right now. */
  readonly rest: 'more' | 'none'
  /** Why there is none, for the metrics. */
  readonly refused?: string
}

interface PageQuery {
  readonly namespace: string | undefined
  readonly cookie: Uint8Array | undefined
  readonly count: number
}

/**
 * Those who are registered in one namespace, from the cookie on. Without a namespace it is refused: the
 * specification would list all, but who is in which room is told only to those who know the room.
 */
export function readPage(registry: Registry, { namespace, cookie, count }: PageQuery, now: number): Page {
  if (namespace === undefined || namespace === '') return refusal('listing', 'E_NOT_AUTHORIZED')
  const query = { namespace, count, bytes: PAGE_BYTES, ...(cookie && { cookie }) }
  const page = registry.discover(query, now)
  if (page.kind === 'refused') {
    return refusal(page.reason, page.reason === 'cookie' ? 'E_INVALID_COOKIE' : 'E_INVALID_NAMESPACE')
  }
  const registrations = page.registrations.map(({ record, ttlSeconds }) => ({
    namespace,
    record,
    ttlSeconds,
  }))
  return { response: { status: 'OK', registrations, cookie: page.cookie }, rest: page.rest }
}

function refusal(reason: string, status: ErrorStatus): Page {
  return { response: { status, statusText: reason, registrations: [] }, rest: 'none', refused: reason }
}
