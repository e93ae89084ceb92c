/**
 * The door of a baseline: the same JSON lines as parley's `--json`, so that both pay for the same pipes. In comes
 * `{"text"}` and, since a baseline finds nobody by itself, `{"connect": [address]}`; out goes `ready` with the own
 * address, and `message`. The end of input, or
 * SIGTERM, ends the program.
 */
import { createInterface } from 'node:readline'

/** After as many messages the network gets a turn, as it would if they came from a socket. */
const MESSAGES_A_TURN = 16

export interface Baseline {
  readonly address: string
  /** Resolves when it is connected. */
  readonly connect: (address: string) => Promise<void>
  /** Sends to everyone else; a promise where the system asks its sender to wait. */
  readonly send: (text: string) => Promise<void> | undefined
}

/** Runs a baseline until its input ends. `start` is given what shows a text of somebody else. */
export async function serve(start: (show: (text: string) => void) => Promise<Baseline>): Promise<void> {
  // a proper exit, so that Node keeps the compiled code
  process.on('SIGTERM', () => process.exit(0))
  const print = batchPrinter()
  const baseline = await start(text => print({ type: 'message', text }))
  print({ type: 'ready', addresses: [baseline.address] })
  let count = 0
  for await (const line of createInterface({ input: process.stdin })) {
    await perform(JSON.parse(line), baseline)
    if (++count % MESSAGES_A_TURN === 0) await new Promise(resolve => setImmediate(resolve))
  }
  process.exit(0)
}

interface Request {
  readonly text?: string
  readonly connect?: readonly string[]
}

async function perform({ text, connect = [] }: Request, baseline: Baseline): Promise<void> {
  await Promise.all(connect.map(address => baseline.connect(address)))
  if (text !== undefined) await baseline.send(text)
}

/** All lines of one turn of the event loop in one write, as parley does. */
function batchPrinter(): (value: unknown) => void {
  let waiting: string[] = []
  const flush = (): void => {
    process.stdout.write(waiting.join(''))
    waiting = []
  }
  return value => {
    if (waiting.length === 0) setImmediate(flush)
    waiting.push(`${JSON.stringify(value)}\n`)
  }
}
