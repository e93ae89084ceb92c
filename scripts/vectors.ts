/**
 * Writes `docs/vectors.json`, the test vectors of the protocol, from the program's own encoders. Run
 * `node scripts/vectors.ts` after changing the protocol; a test fails until it is done, and until
 * docs/protocol.md quotes the new bytes.
 */
import { writeFile } from 'node:fs/promises'
import { answer, deletion, describeAmendments, edit, output, reaction } from './vectors/amendments.ts'
import { describeCbor } from './vectors/cbor.ts'
import { describeRendezvous } from './vectors/discovery.ts'
import { describeComparing, describeSync } from './vectors/exchanges.ts'
import { describeFrontiers } from './vectors/frontiers.ts'
import { describeFork, describeMessage, future, hello, reply, second, wave } from './vectors/messages.ts'
import { describeBeacons, describeFrames } from './vectors/presence.ts'
import { print } from './vectors/print.ts'
import { describeVerdicts } from './vectors/verdicts.ts'
import { ALICE, BOB, describeRoom, describeSpeaker, MALLORY, START_MS } from './vectors/world.ts'

export const VECTORS_FILE = new URL('../docs/vectors.json', import.meta.url)

const ABOUT =
  'Test vectors of the parley protocol, version 1: docs/protocol.md explains them, scripts/vectors.ts makes them. ' +
  'Byte strings are lower-case hex, times milliseconds since the epoch. The private keys are public: never use them.'

/** All vectors, always the same. */
export function makeVectors() {
  return {
    about: ABOUT,
    now: START_MS,
    cbor: describeCbor(),
    identities: [ALICE, BOB, MALLORY].map(describeSpeaker),
    rooms: [describeRoom('lobby', 'lobby'), describeRoom('#KÜCHE', 'küche')],
    messages: {
      hello: describeMessage(hello),
      reply: describeMessage(reply),
      second: describeMessage(second),
      wave: describeMessage(wave),
      future: describeMessage(future),
      answer: describeMessage(answer),
      edit: describeMessage(edit),
      deletion: describeMessage(deletion),
      reaction: describeMessage(reaction),
      output: describeMessage(output),
    },
    amendments: describeAmendments(),
    fork: describeFork(),
    beacons: describeBeacons(),
    frames: describeFrames(),
    frontiers: describeFrontiers(),
    sync: describeSync(),
    comparing: describeComparing(),
    rendezvous: describeRendezvous(),
    verdicts: describeVerdicts(),
  }
}

/** The text of the file. */
export function renderVectors(): string {
  return `${print(makeVectors())}\n`
}

if (import.meta.main) await writeFile(VECTORS_FILE, renderVectors())
