/**
 * The result of validating a frame or a part of a sync, and how it is collected record by record.
 */
import type { Beacon } from '../../protocol/beacon.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'

export interface ValidationResult {
  readonly verdict: 'accept' | 'ignore' | 'reject'
  /** The reason, for a log line and for tests; empty if accepted. */
  readonly reason: string
  /** Messages appended to the log, in order. */
  readonly messages: readonly Envelope[]
  readonly beacons: readonly Beacon[]
  /** Authentic messages that are pending. */
  readonly pending: readonly Envelope[]
  /** Missing predecessors. */
  readonly missing: readonly MessageId[]
  /** Chains that have another message where the predecessor should be. */
  readonly forkedBelow: readonly ChainId[]
}

/** What was found so far in the records of one frame. */
export interface Findings {
  messages: Envelope[]
  readonly beacons: Beacon[]
  readonly pending: Envelope[]
  readonly missing: MessageId[]
  readonly forkedBelow: ChainId[]
  /** Why something was left out; empty while everything is accepted or known and proved. */
  skipped: string
  /** Signature checks so far. */
  checks: number
}

/** Nothing yet. */
export function noFindings(): Findings {
  return { messages: [], beacons: [], pending: [], missing: [], forkedBelow: [], skipped: '', checks: 0 }
}

/** Records why something was left out. */
export function skip(found: Findings, why: string): undefined {
  found.skipped = why
  return undefined
}

/**
 * The result of the findings. Gossip forwards a frame only if all of it is known to be good: a frame of which
 * something was left out may be useful, but whoever forwarded it might be blamed for the rest.
 */
export function resultOf(found: Findings, via: 'gossip' | 'sync'): ValidationResult {
  const isUseful = found.messages.length + found.beacons.length > 0
  const isWhole = found.skipped === '' || via === 'sync'
  if (isUseful && isWhole) return { ...found, verdict: 'accept', reason: '' }
  return { ...found, verdict: 'ignore', reason: found.skipped === '' ? 'known' : found.skipped }
}

/** A verdict on something of which nothing was accepted. */
export function refusal(verdict: 'ignore' | 'reject', reason: string): ValidationResult {
  return { ...noFindings(), verdict, reason }
}
