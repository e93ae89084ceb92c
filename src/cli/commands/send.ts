/**
 * `parley send`: joins a room, sends its messages, waits until others hold them, and leaves. Like a Unix tool
 * it is silent on success.
 */
import type { UiEvent } from '../../api/events.ts'
import type { Input } from '../../api/inputs.ts'
import type { Session } from '../../chat/session.ts'
import { startPeer } from '../../chat/session.ts'
import type { Flags } from '../../config/layers.ts'
import { resolvePeer } from '../../config/resolve.ts'
import type { PeerConfig } from '../../config/types.ts'
import type { DataFolder } from '../../storage/data-folder.ts'
import { undeliveredText } from '../../text/message-text.ts'
import type { Line } from '../input/lines.ts'
import { countOption, timeOption } from '../input/options.ts'
import type { Io } from '../io.ts'
import { lineLogger } from '../output/stderr.ts'
import type { Surface } from '../output/surface.ts'
import { streamSurface } from '../output/surface.ts'
import { VERSION } from '../version.ts'
import { chat, Shutdown } from './chat.ts'
import {
  blocksOf,
  codeInput,
  inputLines,
  linesOf,
  parseCode,
  parseJsonText,
  parseText,
  textOf,
} from './send-input.ts'
import { sourcesOf, visit, visitFormat } from './visit.ts'

export interface SendRequest {
  readonly flags: Flags
  readonly room: string
  /** The text; if absent, standard input has it. */
  readonly words: readonly string[]
  /** The text is program output. */
  readonly code?: true
  /** As given on the command line. */
  readonly wait?: string
  readonly timeout?: string
}

/** Default of `--wait`. */
const WAIT_PEERS = 1
/** Nobody waits for more. */
const MAX_WAIT_PEERS = 1_000
/** Default and maximum of `--timeout`. */
const TIMEOUT_MS = 10_000
const MAX_TIMEOUT_MS = 86_400_000

/** The exit code if too few peers held the messages in time. */
const EXIT_UNDELIVERED = 3

/** Errors that mean that a message wasn't sent, in contrast to trouble on the way. */
const REFUSALS = [
  'no-such-message',
  'message-deleted',
  'empty-text',
  'text-too-long',
  'line-too-long',
  'bad-input',
  'bad-room',
  'not-in-room',
]
const FAILURES = [...REFUSALS, 'log-failed', 'internal']

/** Sends. Resolves with the exit code; rejects with wrong settings and unreadable input. */
export async function send(request: SendRequest, io: Io): Promise<number> {
  const sources = sourcesOf(request.flags, io, request.room)
  const resolved = await resolvePeer(sources)
  const peers = countOption('--wait', request.wait, { standard: WAIT_PEERS, min: 0, max: MAX_WAIT_PEERS })
  const timeoutMs = timeOption('--timeout', request.timeout, { standard: TIMEOUT_MS, max: MAX_TIMEOUT_MS })
  const speech = messageSourceOf(request, resolved.config.output, io)
  const shutdown = new Shutdown()
  const forget = io.onSignal(shutdown.ask)
  try {
    // Nothing is created on disk, and nobody is disturbed, before there is something to send.
    const lines = await Promise.race([speech.lines(), shutdown.asked])
    if (lines === undefined) return 0
    const delivery = new SendRun(peers, timeoutMs)
    const { parse } = speech
    return await visit(sources, resolved, io, async (config, folder) => {
      const surface = streamSurface(
        io,
        visitFormat(config.output, io, () => ''),
        lines,
      )
      const start = () => delivery.start(config, folder, surface)
      const exitCode = await chat({ surface, shutdown, parse, start })
      return exitCode === 0 ? delivery.exitCode : exitCode
    })
  } finally {
    forget()
  }
}

/** What to send, and how its lines are parsed. */
interface MessageSource {
  readonly lines: () => AsyncIterable<readonly Line[]> | Promise<AsyncIterable<readonly Line[]>>
  readonly parse: (line: string) => Input | undefined
}

/** Throws a `ParleyError` with exit code 2 if the arguments can't be sent. */
function messageSourceOf({ words, code }: SendRequest, output: PeerConfig['output'], io: Io): MessageSource {
  if (code === true) {
    const blocks = words.length === 0 ? undefined : blocksOf(words.join(' '))
    return { lines: () => blocks ?? codeInput(io), parse: parseCode }
  }
  if (words.length > 0) {
    const text = textOf(words)
    return { lines: () => linesOf(text), parse: parseText }
  }
  return { lines: () => inputLines(io), parse: output === 'json' ? parseJsonText : parseText }
}

/** One run: what became of the sent messages. */
class SendRun {
  readonly #peers: number
  readonly #timeoutMs: number
  readonly #deliveries: DeliveryTracker
  #hasFailed = false
  #isLate = false

  constructor(peers: number, timeoutMs: number) {
    this.#peers = peers
    this.#timeoutMs = timeoutMs
    this.#deliveries = new DeliveryTracker(peers)
  }

  get exitCode(): number {
    if (this.#hasFailed) return 1
    return this.#isLate ? EXIT_UNDELIVERED : 0
  }

  /** A session that counts as settled when enough peers hold the messages, or the time is over. */
  async start(config: PeerConfig, folder: DataFolder, surface: Surface): Promise<Session> {
    const emit = (event: UiEvent): void => {
      this.#deliveries.onEvent(event)
      if (event.type === 'error' && FAILURES.includes(event.code)) this.#hasFailed = true
      surface.emit(event)
    }
    const logger = lineLogger(config.logLevel, surface.log, Date.now)
    const session = await startPeer(config, { version: VERSION, folder, logger, emit })
    return {
      perform: input => session.perform(input),
      settled: () => this.#deliveries.settled(this.#timeoutMs),
      close: () => {
        if (this.#deliveries.pending > 0) emit(this.#reportLate())
        return session.close()
      },
      get closed() {
        return session.closed
      },
    }
  }

  #reportLate(): UiEvent {
    this.#isLate = true
    const { pending, unheld } = this.#deliveries
    const what = pending === 1 ? 'the message' : `${pending} messages`
    const text =
      unheld > 0 ? 'nobody took it in time' : `${what} reached fewer than ${this.#peers} peers in time`
    const remedy = unheld > 0 ? undeliveredText(unheld) : 'Others get it from them'
    return { type: 'error', code: 'not-delivered', text, remedy }
  }
}

// Delivery tracking: counts who holds the messages of this run, until enough peers hold each.

class DeliveryTracker {
  readonly #peers: number
  /** How many hold each message that too few hold. */
  readonly #pending = new Map<string, number>()
  #resolve = (): void => {}

  /** `peers`: how many must hold a message. */
  constructor(peers: number) {
    this.#peers = peers
  }

  /** Messages that too few hold. */
  get pending(): number {
    return this.#pending.size
  }

  /** Of those, messages that no one else holds. */
  get unheld(): number {
    return [...this.#pending.values()].filter(count => count === 0).length
  }

  onEvent(event: UiEvent): void {
    if (event.type === 'sent' && this.#peers > 0) this.#pending.set(event.id, 0)
    if (event.type !== 'delivered' || !this.#pending.has(event.id)) return
    if (event.count < this.#peers) this.#pending.set(event.id, event.count)
    else this.#pending.delete(event.id)
    if (this.pending === 0) this.#resolve()
  }

  /** Resolves when enough peers hold every message, or after so many milliseconds. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.pending === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#resolve = resolve
    const timer = setTimeout(resolve, timeoutMs)
    await promise
    clearTimeout(timer)
  }
}
