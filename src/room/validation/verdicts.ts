/**
 * What became of a frame or of a part of a sync, and how it is collected while their records are gone through.
 */
import type { Beacon } from '../../protocol/beacon.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'

export interface ValidationResult {
  readonly verdict: 'accept' | 'ignore' | 'reject'
  /** Why, for a log line and for the tests; empty when accepted. */
  readonly reason: string
  /** Messages that are now in the log, in the order in which they went in. */
  readonly messages: readonly Envelope[]
  readonly beacons: readonly Beacon[]
  /** Messages that are authentic, and wait for a predecessor or for their time. */
  readonly apart: readonly Envelope[]
  /** Predecessors that aren't here. */
  readonly missing: readonly MessageId[]
  /** Chains of which there is another message where the predecessor should be. */
  readonly parted: readonly ChainId[]
}

/** What is found while the records of one frame are gone through. */
export interface Findings {
  messages: Envelope[]
  readonly beacons: Beacon[]
  readonly apart: Envelope[]
  readonly missing: MessageId[]
  readonly parted: ChainId[]
  /** Why something was left out; empty while all is either taken in or known and proved. */
  left: string
  /** Signature checks so far. */
  checks: number
}

/** Nothing yet. */
export function noFindings(): Findings {
  return { messages: [], beacons: [], apart: [], missing: [], parted: [], left: '', checks: 0 }
}

/** Notes why something was left out. */
export function leave(found: Findings, why: string): undefined {
  found.left = why
  return undefined
}

/**
 * What to say of what was found. In gossip others accept what is accepted here only if all of it is known to be
 * good: a frame of which something was left out may be useful, but whoever passed it on might be blamed for the rest.
 */
export function judged(found: Findings, via: 'gossip' | 'sync'): ValidationResult {
  const isUseful = found.messages.length + found.beacons.length > 0
  const isWhole = found.left === '' || via === 'sync'
  if (isUseful && isWhole) return { ...found, verdict: 'accept', reason: '' }
  return { ...found, verdict: 'ignore', reason: found.left === '' ? 'known' : found.left }
}

/** A verdict on something of which nothing was taken in. */
export function refusal(verdict: 'ignore' | 'reject', reason: string): ValidationResult {
  return { ...noFindings(), verdict, reason }
}
