/**
 * `npm run demo`: a helper and four peers as real processes hold a short conversation, lose their helper in the
 * middle, go on, get it back, and are joined by a fifth. Ends with a report, and with exit code 1 if any message
 * did not arrive exactly once.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DemoEvent } from './program.ts'
import { Program } from './program.ts'
import type { Delivery, Receipt } from './report.ts'
import { report } from './report.ts'

const CONFIG = join(import.meta.dirname, '../../config/demo')
const LOOPBACK = '/ip4/127.0.0.1/tcp/0'

interface Line {
  readonly from: Program
  readonly text: string
}

/** What was said, in order; everyone who ever comes should get all of it. */
const script: Line[] = []

const folder = await mkdtemp(join(tmpdir(), 'parley-demo-'))
const running = new Set<Program>()
process.exitCode = 1
try {
  process.exitCode = await play()
} catch (error) {
  tell(`the demo failed: ${error instanceof Error ? error.message : String(error)}`)
} finally {
  await Promise.all([...running].map(program => program.kill()))
  await rm(folder, { recursive: true, force: true })
}

async function play(): Promise<number> {
  tell('Starting a helper and four peers, each a process of its own.')
  let helper = start('helper', ['helper', '--listen', LOOPBACK])
  const address = String((await addressesOf(helper))[0])
  tell(`The helper listens on ${address}`)
  const four = [1, 2, 3, 4].map(number => startPeer(number, address))
  await everyoneSees(four)
  tell('Each of the four is directly connected to the other three. They talk:\n')
  await talk(four, [
    'hello, is anybody here?',
    'yes, I am',
    'so am I',
    'four of us, and no server in the middle',
  ])

  tell('\nThe helper is killed. The room lives on without it:\n')
  await helper.kill()
  await Promise.all(four.map(peer => peer.event('the loss of the helper', isHelper('lost'))))
  await talk(four, ['did you notice?', 'notice what?', 'the helper is gone', 'and we still talk'])

  tell('\nThe helper comes back at the same address, and a fifth peer joins through it:\n')
  helper = start('helper', ['helper', '--listen', address.replace(/\/p2p\/.*/, '')])
  await addressesOf(helper)
  await Promise.all(four.map(peer => peer.event('the return of the helper', isHelper('connected'), 2)))
  const five = [...four, startPeer(5, address)]
  await everyoneSees(five)
  await talk(five, [
    'welcome!',
    'good to see you',
    'pull up a chair',
    'you can read what we said before',
    'I can, thank you',
  ])

  const { lines, lost } = report(await deliveries(five))
  tell(`\nWho received what, by which path, after how long:\n\n${lines.join('\n')}`)
  await Promise.all(five.map(peer => peer.stop()))
  await helper.stop()
  return lost === 0 ? 0 : 1
}

function start(name: string, args: readonly string[]): Program {
  const program = new Program(name, [...args, '--data', join(folder, name)])
  running.add(program)
  return program
}

function startPeer(number: number, helper: string): Program {
  const name = `Client_0${number}`
  const config =
    number <= 4 ? ['--config', join(CONFIG, `client-0${number}.json`)] : ['--name', name, '--no-lan']
  return start(name, ['join', 'demo', ...config, '--listen', LOOPBACK, '--helper', helper])
}

async function addressesOf(program: Program): Promise<readonly unknown[]> {
  const ready = await program.event('its addresses', event => event.type === 'ready')
  return Array.isArray(ready['addresses']) ? ready['addresses'] : []
}

/** Waits until each pair is directly connected and knows each other's name. */
async function everyoneSees(peers: readonly Program[]): Promise<void> {
  const pairs = peers.flatMap(peer => peers.filter(other => other !== peer).map(other => ({ peer, other })))
  await Promise.all(
    pairs.map(async ({ peer, other }) => {
      const joined = await peer.event(
        `${other.name} to join`,
        event => event.type === 'joined' && event['name'] === other.name,
      )
      await peer.event(
        `a path to ${other.name}`,
        event => event.type === 'path' && event['peer'] === joined['peer'],
      )
    }),
  )
}

/** The peers speak in turn; each waits until the one before was heard by all, as people do. */
async function talk(peers: readonly Program[], texts: readonly string[]): Promise<void> {
  for (const [index, text] of texts.entries()) {
    const from = peers[index % peers.length]
    if (from === undefined) return
    script.push({ from, text })
    from.say(text)
    tell(`  <${from.name}> ${text}`)
    await Promise.all(peers.map(peer => peer.event(`"${text}"`, isMessage(text))))
  }
}

async function deliveries(peers: readonly Program[]): Promise<readonly Delivery[]> {
  return Promise.all(
    script.map(async ({ from, text }) => {
      const others = peers.filter(peer => peer !== from)
      await Promise.all(others.map(peer => peer.event(`"${text}"`, isMessage(text))))
      return {
        from: from.name,
        text,
        expected: others.map(peer => peer.name),
        receipts: others.flatMap(receiptsOf(text)),
      }
    }),
  )
}

function receiptsOf(text: string): (peer: Program) => Receipt[] {
  return peer =>
    peer.events.filter(isMessage(text)).map(event => ({
      by: peer.name,
      via: String(event['via']),
      path: pathOf(peer, event['peer']),
      afterMs: Number(event['receivedAt']) - Number(event['sentAt']),
    }))
}

function pathOf(peer: Program, author: unknown): string {
  const path = peer.events.findLast(event => event.type === 'path' && event['peer'] === author)
  return String(path?.['path'] ?? 'indirect')
}

function isMessage(text: string): (event: DemoEvent) => boolean {
  return event => event.type === 'message' && event['text'] === text
}

function isHelper(state: string): (event: DemoEvent) => boolean {
  return event => event.type === 'helper' && event['state'] === state
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`)
}
