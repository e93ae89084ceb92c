/**
 * Why a peer isn't reached: the one place that classifies errors of the system and of libp2p. It goes by
 * error codes, by how far the dial got and by the bytes received, never by an error's text. The user texts
 * are in chat/helper-failure-text.ts and dialer.ts.
 */
import type { Upgrader } from '@libp2p/interface'
import { InvalidPeerIdError } from '@libp2p/interface'
import type { AbstractMessageStream } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'

export type DialFailure =
  /** No host has this name. */
  | { readonly kind: 'unknown-host' }
  /** The name can't be looked up now. */
  | { readonly kind: 'lookup-failed' }
  /** Nothing listens on this port. */
  | { readonly kind: 'refused' }
  /** No connection in time. */
  | { readonly kind: 'no-answer' }
  /** This machine, or a router on the way, has no route there. */
  | { readonly kind: 'no-route' }
  /** This machine forbids it. */
  | { readonly kind: 'not-allowed' }
  /** Something accepts the connection and says nothing in time. */
  | { readonly kind: 'silent' }
  /** Something accepts the connection and closes it. */
  | { readonly kind: 'hung-up' }
  /** Something answers in another protocol. */
  | { readonly kind: 'not-libp2p' }
  /** The address is this node's own. */
  | { readonly kind: 'own-address' }
  | { readonly kind: 'unknown'; readonly code?: string }

/** Why a helper isn't reached. */
export type HelperFailure =
  | DialFailure
  /** A libp2p node answers that is not a helper. */
  | { readonly kind: 'not-a-helper' }

/** A failed dial. Its `cause` is the original error. */
export class DialError extends Error {
  override readonly name = 'DialError'
  readonly failure: DialFailure

  constructor(trouble: DialFailure, cause: unknown) {
    super(`could not connect (${trouble.kind}): ${cause instanceof Error ? cause.message : cause}`, { cause })
    this.failure = trouble
  }
}

/** How far a dial got. */
export interface DialProgress {
  readonly stage: 'connecting' | 'handshake'
  /** What the other side sent. */
  readonly heard: 'nothing' | 'libp2p' | 'something-else'
  /** Who ended it: this side's deadline, the other side, or neither. */
  readonly end: 'late' | 'hung-up' | 'failed'
}

/** Classifies a failed dial. */
export function classifyDial(cause: unknown, { stage, heard, end }: DialProgress): DialFailure {
  if (stage === 'connecting') return end === 'late' ? { kind: 'no-answer' } : classifySystemError(cause)
  if (cause instanceof InvalidPeerIdError) return { kind: 'own-address' }
  if (heard === 'something-else') return { kind: 'not-libp2p' }
  if (end === 'hung-up') return { kind: 'hung-up' }
  return end === 'late' || heard === 'nothing' ? { kind: 'silent' } : { kind: 'not-libp2p' }
}

/** Classifies any error of talking to a helper. */
export function classifyError(cause: unknown): DialFailure {
  return cause instanceof DialError ? cause.failure : classifySystemError(cause)
}

/** The error codes of a failure; a host with several addresses has one for each. */
export function errorCodes(cause: unknown): readonly string[] {
  if (cause instanceof DialError) return errorCodes(cause.cause)
  if (cause instanceof AggregateError) return cause.errors.flatMap(errorCodes)
  const code: unknown = Object(cause).code
  return typeof code === 'string' ? [code] : []
}

/** https://nodejs.org/api/errors.html#common-system-errors and getaddrinfo(3). */
const KINDS = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'hung-up',
  EPIPE: 'hung-up',
  ETIMEDOUT: 'no-answer',
  EHOSTUNREACH: 'no-route',
  EHOSTDOWN: 'no-route',
  ENETUNREACH: 'no-route',
  ENETDOWN: 'no-route',
  EADDRNOTAVAIL: 'no-route',
  EAFNOSUPPORT: 'no-route',
  EACCES: 'not-allowed',
  EPERM: 'not-allowed',
  ENOTFOUND: 'unknown-host',
  EAI_NODATA: 'unknown-host',
  EAI_NONAME: 'unknown-host',
} as const satisfies Readonly<Record<string, Exclude<DialFailure['kind'], 'unknown'>>>

/** The most informative codes first, for a host with several addresses: many have one without a route. */
const MOST_INFORMATIVE_FIRST = ['refused', 'hung-up', 'not-allowed', 'no-answer', 'no-route'] as const

function classifySystemError(cause: unknown): DialFailure {
  const all = errorCodes(cause).map(classifyCode)
  const telling = MOST_INFORMATIVE_FIRST.find(kind => all.some(trouble => trouble.kind === kind))
  return telling === undefined ? (all[0] ?? { kind: 'unknown' }) : { kind: telling }
}

function classifyCode(code: string): DialFailure {
  if (Object.hasOwn(KINDS, code)) return { kind: KINDS[code as keyof typeof KINDS] }
  return code.startsWith('EAI_') ? { kind: 'lookup-failed' } : { kind: 'unknown', code }
}

// Observes one dial, to learn how far it got and whether libp2p answers: libp2p itself reports only that
// encryption failed, whatever the other side is. A program that greets in another protocol is recognised by
// its first bytes, before the deadline.

type RawConnection = Parameters<Upgrader['upgradeOutbound']>[0]
type Options = Parameters<Upgrader['upgradeOutbound']>[1]

/** How the library's transports pass data in and out; its interface lacks them. */
type StreamInternals = Pick<AbstractMessageStream, 'onData' | 'sendData'>

/**
 * The first bytes of every libp2p node: https://github.com/multiformats/multistream-select (length and line).
 */
const GREETING = Buffer.from('\x13/multistream/1.0.0\n')

export class DialObserver {
  readonly #onForeign: () => void
  #stage: DialProgress['stage'] = 'connecting'
  #received = Buffer.alloc(0)
  #end: DialProgress['end'] = 'failed'

  /** `onForeign` is called when the other side can't be libp2p. */
  constructor(onForeign: () => void) {
    this.#onForeign = onForeign
  }

  /** The upgrader for this dial. */
  observe(upgrader: Upgrader): Upgrader {
    return Object.assign(Object.create(upgrader) as Upgrader, {
      upgradeOutbound: (raw: RawConnection, options: Options) => this.#upgrade(upgrader, raw, options),
    })
  }

  /** How far it got. */
  get progress(): DialProgress {
    const heard =
      this.#received.length === 0 ? 'nothing' : isGreeting(this.#received) ? 'libp2p' : 'something-else'
    return { stage: this.#stage, heard, end: this.#end }
  }

  async #upgrade(upgrader: Upgrader, raw: RawConnection & Partial<StreamInternals>, options: Options) {
    this.#stage = 'handshake'
    const { onData, sendData } = raw
    // a listener would take the bytes away from the handshake, and would miss a peer that speaks and closes
    // at once
    if (onData !== undefined) {
      raw.onData = data => {
        this.#onBytes(data)
        onData.call(raw, data)
      }
    }
    // in one piece: a server that closes at the first piece resets the connection at the next, and its last
    // words are lost
    if (sendData !== undefined) {
      raw.sendData = data => sendData.call(raw, new Uint8ArrayList(data.subarray()))
    }
    try {
      return await upgrader.upgradeOutbound(raw, options)
    } catch (cause) {
      if (raw.status !== 'open') this.#end = 'hung-up'
      throw cause
    } finally {
      Reflect.deleteProperty(raw, 'onData')
      Reflect.deleteProperty(raw, 'sendData')
    }
  }

  #onBytes(data: Parameters<StreamInternals['onData']>[0]): void {
    const missing = Math.min(GREETING.length - this.#received.length, data.byteLength)
    if (missing <= 0) return
    this.#received = Buffer.concat([this.#received, data.subarray(0, missing)])
    if (!isGreeting(this.#received)) this.#onForeign()
  }
}

function isGreeting(bytes: Buffer): boolean {
  return GREETING.subarray(0, bytes.length).equals(bytes)
}
