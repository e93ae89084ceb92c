/**
 * The rendezvous client: a peer's requests to a helper, one function each. A helper is trusted only with
 * reachability: every record that it passes on is verified, and what it can make a peer read, verify or keep
 * is bounded. These functions never reject; a hostile or absent helper is an outcome like any other.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Connection, Stream } from '@libp2p/interface'
import { UnsupportedProtocolError } from '@libp2p/interface'
import type { Discover, ErrorStatus, Message } from '../../protocol/rendezvous.ts'
import { encode, RENDEZVOUS_PROTOCOL } from '../../protocol/rendezvous.ts'
import { deadline } from '../deadline.ts'
import { RendezvousStream } from '../streams/length-prefixed.ts'
import type { PeerAddresses } from './peer-record.ts'
import { openPeerRecord } from './peer-record.ts'

/**
 * From opening the stream to the answer, milliseconds: a helper on the other side of the world needs 1,000.
 */
export const ANSWER_MS = 10_000

/** Bytes of one answer: rust-libp2p's limit; ours are a quarter of that. */
const MAX_ANSWER_BYTES = 1_048_576

export interface RequestOptions {
  /** The connection to the helper. Others may be closing, such as the one of its dial-back. */
  readonly connection: Connection
  readonly namespace: string
  readonly signal: AbortSignal
}

/** A page of a namespace. */
export interface DiscoveredPage {
  /** Those with valid records, perhaps including this node itself, in order of registration. */
  readonly members: readonly PeerAddresses[]
  /** How many records there were, valid or not: none means that the cookie has reached the end. */
  readonly count: number
  /** For the next DISCOVER in the same namespace, which then returns only later records. */
  readonly cookie?: Uint8Array
}

/**
 * Registers or renews. `record` is this node's own signed envelope; the result is the granted TTL in seconds.
 * An address change needs a newly signed record; the same one only renews.
 */
export async function register(
  ask: RequestOptions & { readonly record: Uint8Array; readonly ttlSeconds: number },
): Promise<RequestOutcome<number>> {
  const { namespace, record, ttlSeconds } = ask
  const answer = await request(ask, { kind: 'register', namespace, record, ttlSeconds })
  if (answer.kind !== 'ok') return answer
  const message = answer.value
  if (message.kind !== 'register-response') return { kind: 'invalid', what: message.kind }
  if (message.status !== 'OK') return refusalOf(message.status, message.statusText)
  return { kind: 'ok', value: message.ttlSeconds ?? ttlSeconds }
}

/** Withdraws the registration. There is no answer: `ok` means that it was sent. */
export async function unregister(ask: RequestOptions): Promise<RequestOutcome<undefined>> {
  const signal = deadline(ANSWER_MS, ask.signal)
  const opened = await openStream(ask, RENDEZVOUS_PROTOCOL, signal)
  if (opened.kind !== 'ok') return opened
  const { stream, wire } = opened.value
  try {
    await wire.write(encode({ kind: 'unregister', namespace: ask.namespace }), signal)
    await stream.close({ signal })
    return { kind: 'ok', value: undefined }
  } catch (cause) {
    stream.abort(new Error('could not unregister', { cause }))
    return failureOf(cause, ask.signal)
  }
}

/** One page of the members; ask again with its cookie until `count` is 0. */
export async function discover(
  ask: RequestOptions & { readonly cookie?: Uint8Array; readonly limit?: number },
): Promise<RequestOutcome<DiscoveredPage>> {
  const { namespace, cookie, limit } = ask
  const question: Discover = { namespace, ...(cookie && { cookie }), ...(limit !== undefined && { limit }) }
  const answer = await request(ask, { kind: 'discover', ...question })
  return answer.kind === 'ok' ? await verifyPage(ask, answer.value) : answer
}

/** The verified content of a DISCOVER_RESPONSE. */
export async function verifyPage(
  ask: RequestOptions,
  message: Message,
): Promise<RequestOutcome<DiscoveredPage>> {
  if (message.kind !== 'discover-response') return { kind: 'invalid', what: message.kind }
  if (message.status !== 'OK') return refusalOf(message.status, message.statusText)
  const { registrations, cookie } = message
  const records = registrations.filter(one => one.namespace === ask.namespace).map(one => one.record)
  const members = await verifyRecords(records, ask.signal)
  const found = { members, count: registrations.length, ...(cookie && { cookie: cookie.slice() }) }
  return ask.signal.aborted ? { kind: 'stopped' } : { kind: 'ok', value: found }
}

export interface OpenedStream {
  readonly stream: Stream
  readonly wire: RendezvousStream
}

/** Whether the other side is a helper, that is, whether it accepts requests at all. */
export async function probeRendezvous(
  ask: Pick<RequestOptions, 'connection' | 'signal'>,
): Promise<RequestOutcome<undefined>> {
  const signal = deadline(ANSWER_MS, ask.signal)
  const opened = await openStream(ask, RENDEZVOUS_PROTOCOL, signal)
  if (opened.kind !== 'ok') return opened
  const { stream } = opened.value
  stream.close({ signal }).catch(cause => stream.abort(cause))
  return { kind: 'ok', value: undefined }
}

/** A new stream to the helper; never dials. */
export async function openStream(
  ask: Pick<RequestOptions, 'connection' | 'signal'>,
  protocol: string,
  signal: AbortSignal,
): Promise<RequestOutcome<OpenedStream>> {
  try {
    const stream = await ask.connection.newStream(protocol, { signal, runOnLimitedConnection: true })
    return { kind: 'ok', value: { stream, wire: new RendezvousStream(stream, MAX_ANSWER_BYTES) } }
  } catch (cause) {
    return failureOf(cause, ask.signal)
  }
}

/** The outcome for a thrown error. */
export function failureOf(cause: unknown, signal: AbortSignal): RequestFailure {
  if (signal.aborted) return { kind: 'stopped' }
  return cause instanceof UnsupportedProtocolError ? { kind: 'unsupported' } : { kind: 'lost', cause }
}

/** The next message, as an outcome. `stopped` is the signal of the original caller. */
export async function receiveMessage(
  wire: RendezvousStream,
  signal: AbortSignal,
  stopped: AbortSignal,
): Promise<RequestOutcome<Message>> {
  const received = await wire.read(signal)
  switch (received.kind) {
    case 'message':
      return { kind: 'ok', value: received.message }
    case 'malformed':
      return { kind: 'invalid', what: received.kind }
    case 'end':
      return failureOf(new Error('the helper ended the stream'), stopped)
    case 'broken':
      return failureOf(received.cause, stopped)
  }
}

async function request(ask: RequestOptions, message: Message): Promise<RequestOutcome<Message>> {
  const signal = deadline(ANSWER_MS, ask.signal)
  const opened = await openStream(ask, RENDEZVOUS_PROTOCOL, signal)
  if (opened.kind !== 'ok') return opened
  const { stream, wire } = opened.value
  try {
    await wire.write(encode(message), signal)
    const answer = await receiveMessage(wire, signal, ask.signal)
    // the answer has arrived, so how the stream ends doesn't matter
    stream.close({ signal }).catch(cause => stream.abort(cause))
    return answer
  } catch (cause) {
    stream.abort(new Error('request failed', { cause }))
    return failureOf(cause, ask.signal)
  }
}

function refusalOf(status: ErrorStatus, text = ''): RequestFailure {
  return { kind: 'refused', status, text }
}

// How a request to a helper failed.

export type RequestFailure =
  /** The helper refused. */
  | { readonly kind: 'refused'; readonly status: ErrorStatus; readonly text: string }
  /** It doesn't speak this protocol. */
  | { readonly kind: 'unsupported' }
  /** It sent what no correct helper sends, or too much. */
  | { readonly kind: 'invalid'; readonly what: string }
  /** No connection, a broken one, or no answer in time. */
  | { readonly kind: 'lost'; readonly cause: unknown }
  /** The caller's own signal fired. */
  | { readonly kind: 'stopped' }

export type RequestOutcome<Value> = { readonly kind: 'ok'; readonly value: Value } | RequestFailure

// Verifies the records that a helper passed on. One takes about 100 µs, so a thousand are verified in
// portions; otherwise they would stall everything else for a tenth of a second.

/** About 3 milliseconds of work. */
const VERIFY_BATCH = 32

/** The valid ones, in order. Ends early when the signal fires. */
async function verifyRecords(
  envelopes: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<readonly PeerAddresses[]> {
  const valid: PeerAddresses[] = []
  for (const [index, envelope] of envelopes.entries()) {
    if (index % VERIFY_BATCH === VERIFY_BATCH - 1) await nextTurn()
    if (signal.aborted) break
    const opened = await openPeerRecord(envelope, signal)
    if (opened.kind === 'record') valid.push(opened.record)
  }
  return valid
}
