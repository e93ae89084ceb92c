/**
 * For whoever looks into one case: plays it and prints every event of every program, but those of messages, with its
 * time in milliseconds.
 *
 *     node test/nat/watch.ts pair 'WORDS OF ITS TITLE' [DELAY_MS [LOSS_PERCENT]]
 *     node test/nat/watch.ts fault 'WORDS OF ITS TITLE'
 */
import type { Diary } from './diary.ts'
import { crowdFor, suffer } from './faults/fault.ts'
import { FAULTS } from './faults/faults.ts'
import { Meeting } from './pairs/meeting.ts'
import { PAIRS } from './pairs/pairs.ts'

const QUIET: readonly string[] = ['message', 'sent', 'delivered', 'synced']
/** Of a peer id only the end is shown. */
const PEER_ID = /12D3KooW\w+(?<end>\w{4})/g

async function watchPair(words: string, [delayMs = 10, lossPercent = 0]: readonly number[]): Promise<void> {
  const pair = named(PAIRS, words)
  await using meeting = await Meeting.open({ pair, delayMs, lossPercent })
  await watching(meeting.diary, async () => {
    await meeting.meet()
    await meeting.settle()
    return meeting.met
  })
}

async function watchFault(words: string): Promise<void> {
  const fault = named(FAULTS, words)
  await using crowd = await crowdFor(fault)
  await watching(crowd.diary, () => suffer(crowd, fault))
}

/** Prints what came of it, and all that was told. */
async function watching(diary: Diary, play: () => Promise<object>): Promise<void> {
  const startMs = performance.now()
  const outcome = await play().catch((error: unknown) => error)
  for (const { by, atMs, event } of diary.entries) {
    if (QUIET.includes(event.type)) continue
    const told = JSON.stringify(event).replaceAll(PEER_ID, '…$<end>')
    console.log(`${Math.round(atMs - startMs)}`.padStart(6), by.padEnd(5), told)
  }
  console.log(outcome)
}

function named<Case extends { readonly title: string }>(cases: readonly Case[], words: string): Case {
  const found = cases.find(({ title }) => title.includes(words))
  if (found === undefined)
    throw new RangeError(`no title has “${words}”:\n${cases.map(({ title }) => title).join('\n')}`)
  console.log(found.title)
  return found
}

const [kind = '', words = '', ...numbers] = process.argv.slice(2)
if (kind === 'pair') await watchPair(words, numbers.map(Number))
else if (kind === 'fault') await watchFault(words)
else throw new RangeError('the first word is pair or fault')
