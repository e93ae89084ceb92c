/**
 * Output formats: JSON for programs, plain lines for pipes and simple terminals, the full screen, or a
 * prompt. Each determines how events are written and how lines are parsed.
 */
import { createHash } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { parseLine } from '../../api/command-parser.ts'
import type { Recalled } from '../../api/events.ts'
import type { Input } from '../../api/inputs.ts'
import { jsonLine, parseJsonLine } from '../../api/json.ts'
import type { OutputForm } from '../../config/types.ts'
import { fingerprint } from '../../room/names/names.ts'
import { colouringOf, wantsColour } from '../../text/colours.ts'
import { recalledLines } from '../../text/message-text.ts'
import { NameBook } from '../../text/name-book.ts'
import { timeFormat } from '../../text/time-format.ts'
import { type Io, isInteractive, isTerminal } from '../io.ts'
import { type PlainConfig, PlainView } from './plain.ts'
import type { EventFormatter } from './surface.ts'

export type ResolvedFormat = 'json' | 'plain' | 'prompt' | 'screen'

/** The format for the configuration and the terminal. */
export function resolveFormat(output: OutputForm, io: Io): ResolvedFormat {
  if (output === 'json' || output === 'plain') return output
  if (!isInteractive(io)) return 'plain'
  return output === 'prompt' ? 'prompt' : 'screen'
}

/** How events are written. `self` is the own peer id. */
export function eventFormatter(form: ResolvedFormat, self: string, io: Io): EventFormatter {
  if (form === 'json') return event => `${jsonLine(event)}\n`
  return plainFormatter(self, isTerminal(io) ? 'terminal' : 'none', io)
}

/** Events in line mode. `echo` as for the view. */
export function plainFormatter(self: string, echo: PlainConfig['echo'], io: Io): EventFormatter {
  const isTTY = io.stdout.isTTY === true
  const colour = wantsColour({ isTTY, env: io.env })
  const view = new PlainView({ colour, clock: timeFormat(), self, echo, fingerprintOf })
  return event =>
    view
      .lines(event, Date.now())
      .map(line => `${line}\n`)
      .join('')
}

/** Messages from the log, as lines with line ends. */
export function historyFormatter(io: Io): (messages: readonly Recalled[]) => string {
  const colour = wantsColour({ isTTY: io.stdout.isTTY === true, env: io.env })
  const [names, deps] = [new NameBook(fingerprintOf), { clock: timeFormat(), ink: colouringOf(colour) }]
  return messages =>
    recalledLines(messages, names, deps)
      .map(line => `${line}\n`)
      .join('')
}

/** How a line is parsed. */
export function parserOf(form: ResolvedFormat): (line: string) => Input | undefined {
  switch (form) {
    case 'json':
      return parseJsonLine
    case 'screen':
      return parseInput
    case 'plain':
    case 'prompt':
      return parseLine
  }
}

/** The screen parses its input itself. */
function parseInput(line: string): Input {
  return JSON.parse(line)
}

/** The fingerprint of a peer id; empty for a text without a key, which no member has. */
export function fingerprintOf(peer: string): string {
  try {
    const { publicKey } = peerIdFromString(peer)
    return publicKey === undefined ? '' : fingerprintOfKey(publicKey.raw)
  } catch {
    return ''
  }
}

/** The fingerprint of a raw public key. */
export function fingerprintOfKey(publicKey: Uint8Array): string {
  return fingerprint(publicKey, bytes => createHash('sha256').update(bytes).digest('hex'))
}
