/**
 * Why somebody isn't reached: the one place where an error of the system or of libp2p becomes a kind of trouble. It goes
 * by error codes, by how far the dial got and by what was heard, never by the text of an error, and it has no words for
 * users: those are chat/helper-failure-text.ts and reach/trails.ts.
 */
import type { Upgrader } from '@libp2p/interface'
import { InvalidPeerIdError } from '@libp2p/interface'
import type { AbstractMessageStream } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'

export type DialTrouble =
  /** No host has this name. */
  | { readonly kind: 'unknown-host' }
  /** Whether a host has this name can't be asked now. */
  | { readonly kind: 'lookup-failed' }
  /** The host says that nobody listens on this port. */
  | { readonly kind: 'refused' }
  /** No connection in time. */
  | { readonly kind: 'no-answer' }
  /** This machine, or a router on the way, knows no way there. */
  | { readonly kind: 'no-route' }
  /** This machine forbids it. */
  | { readonly kind: 'not-allowed' }
  /** Somebody takes the connection, and says nothing in time. */
  | { readonly kind: 'silent' }
  /** Somebody takes the connection, and ends it. */
  | { readonly kind: 'hung-up' }
  /** Somebody answers, in another language. */
  | { readonly kind: 'not-libp2p' }
  /** It is this node's own address. */
  | { readonly kind: 'own-address' }
  | { readonly kind: 'unknown'; readonly code?: string }

/** Why a helper isn't reached. */
export type HelperTrouble =
  | DialTrouble
  /** Somebody speaks libp2p, and not as a helper does. */
  | { readonly kind: 'not-a-helper' }

/** A dial that failed. Its `cause` is the error that it failed with. */
export class DialError extends Error {
  override readonly name = 'DialError'
  readonly trouble: DialTrouble

  constructor(trouble: DialTrouble, cause: unknown) {
    super(`could not connect (${trouble.kind}): ${cause instanceof Error ? cause.message : cause}`, { cause })
    this.trouble = trouble
  }
}

/** How far a dial got. */
export interface Reached {
  readonly stage: 'connecting' | 'handshake'
  /** What the other side said. */
  readonly heard: 'nothing' | 'libp2p' | 'something-else'
  /** Who ended it: this side's deadline, the other side, or neither. */
  readonly end: 'late' | 'hung-up' | 'failed'
}

/** What a failed dial means. */
export function dialTrouble(cause: unknown, { stage, heard, end }: Reached): DialTrouble {
  if (stage === 'connecting') return end === 'late' ? { kind: 'no-answer' } : systemTrouble(cause)
  if (cause instanceof InvalidPeerIdError) return { kind: 'own-address' }
  if (heard === 'something-else') return { kind: 'not-libp2p' }
  if (end === 'hung-up') return { kind: 'hung-up' }
  return end === 'late' || heard === 'nothing' ? { kind: 'silent' } : { kind: 'not-libp2p' }
}

/** What any error of talking to a helper means. */
export function troubleOf(cause: unknown): DialTrouble {
  return cause instanceof DialError ? cause.trouble : systemTrouble(cause)
}

/** The codes that something failed with: of a host with several addresses one for each. */
export function codesOf(cause: unknown): readonly string[] {
  if (cause instanceof DialError) return codesOf(cause.cause)
  if (cause instanceof AggregateError) return cause.errors.flatMap(codesOf)
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
} as const satisfies Readonly<Record<string, Exclude<DialTrouble['kind'], 'unknown'>>>

/** Of a host with several addresses the one that tells most: many have one that leads nowhere from here. */
const TELLING_FIRST = ['refused', 'hung-up', 'not-allowed', 'no-answer', 'no-route'] as const

function systemTrouble(cause: unknown): DialTrouble {
  const all = codesOf(cause).map(codeTrouble)
  const telling = TELLING_FIRST.find(kind => all.some(trouble => trouble.kind === kind))
  return telling === undefined ? (all[0] ?? { kind: 'unknown' }) : { kind: telling }
}

function codeTrouble(code: string): DialTrouble {
  if (Object.hasOwn(KINDS, code)) return { kind: KINDS[code as keyof typeof KINDS] }
  return code.startsWith('EAI_') ? { kind: 'lookup-failed' } : { kind: 'unknown', code }
}

// Watches one dial, to know how far it got and whether libp2p is what answers: libp2p itself tells only that encrypting
// failed, whatever the other side is. Whoever greets in another language is known by its first bytes, and need not be
// waited for until the deadline.

type Raw = Parameters<Upgrader['upgradeOutbound']>[0]
type Options = Parameters<Upgrader['upgradeOutbound']>[1]

/** How the library's transports hand on what came and what goes; its interface doesn't have them. */
type Inside = Pick<AbstractMessageStream, 'onData' | 'sendData'>

/** What every libp2p node says first: https://github.com/multiformats/multistream-select (its length, and a line). */
const GREETING = Buffer.from('\x13/multistream/1.0.0\n')

export class DialWitness {
  readonly #onForeign: () => void
  #stage: Reached['stage'] = 'connecting'
  #heard = Buffer.alloc(0)
  #end: Reached['end'] = 'failed'

  /** `onForeign` is called when what answers can't be libp2p. */
  constructor(onForeign: () => void) {
    this.#onForeign = onForeign
  }

  /** The upgrader for this dial. */
  watch(upgrader: Upgrader): Upgrader {
    return Object.assign(Object.create(upgrader) as Upgrader, {
      upgradeOutbound: (raw: Raw, options: Options) => this.#upgrade(upgrader, raw, options),
    })
  }

  /** How far it got. */
  get reached(): Reached {
    const heard = this.#heard.length === 0 ? 'nothing' : isGreeting(this.#heard) ? 'libp2p' : 'something-else'
    return { stage: this.#stage, heard, end: this.#end }
  }

  async #upgrade(upgrader: Upgrader, raw: Raw & Partial<Inside>, options: Options) {
    this.#stage = 'handshake'
    const { onData, sendData } = raw
    // a listener would take the bytes away from the handshake, and comes too late for who speaks and goes at once
    if (onData !== undefined) {
      raw.onData = data => {
        this.#hear(data)
        onData.call(raw, data)
      }
    }
    // in one piece: who closes at the first piece resets the connection at the next, and its own last words are lost
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

  #hear(data: Parameters<Inside['onData']>[0]): void {
    const missing = Math.min(GREETING.length - this.#heard.length, data.byteLength)
    if (missing <= 0) return
    this.#heard = Buffer.concat([this.#heard, data.subarray(0, missing)])
    if (!isGreeting(this.#heard)) this.#onForeign()
  }
}

function isGreeting(bytes: Buffer): boolean {
  return GREETING.subarray(0, bytes.length).equals(bytes)
}
