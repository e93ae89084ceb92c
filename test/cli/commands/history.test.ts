/** `parley history`: what is kept of a room, for people and for programs, and what keeps it from being read. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../../src/chat/node-crypto.ts'
import { run } from '../../../src/cli/program.ts'
import type { Amendment, Said } from '../../../src/protocol/content.ts'
import { encodeContent, textBody } from '../../../src/protocol/content.ts'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import type { MessageId } from '../../../src/protocol/ids.ts'
import { roomIdOf } from '../../../src/protocol/rooms.ts'
import { openDataFolder } from '../../../src/storage/data-folder.ts'
import { openLogStore } from '../../../src/storage/log/sqlite/store.ts'
import { appendAll, Scribe } from '../../storage/log/log-kit.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { testIo } from '../test-io.ts'

const folder = temporaryFolder()
const crypto = nodeCrypto()

/** 2026-11-22 14:03:22 UTC. */
const NOON = Date.UTC(2026, 10, 22, 14, 3, 22)
const MINUTE_MS = 60_000
const MANY = 2_000

async function history(words: readonly string[]) {
  const io = testIo({ home: folder() })
  const exitCode = await run(['history', ...words, '--data', folder()], io)
  return { exitCode, ...(await io.written()) }
}

/** Puts messages into the log. */
async function keep(room: string, envelopes: readonly Envelope[]): Promise<void> {
  const { store } = await openLogStore(folder(), { crypto })
  appendAll(store.room(roomIdOf(room, crypto), room), envelopes)
  store.close()
}

const events = (out: string): Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

beforeEach(() => {
  process.env['TZ'] = 'UTC'
})

describe('with some messages', () => {
  beforeEach(async () => {
    const room = roomIdOf('tea', crypto)
    const [ann, ben] = [new Scribe('ann'), new Scribe('ben')]
    const said = (who: Scribe, text: string, minute: number, kind = 1) =>
      who.said('', {
        room,
        ts: NOON + minute * MINUTE_MS,
        kind,
        body: textBody(who === ann ? 'ann' : 'ben', text),
      })
    await keep('tea', [
      said(ann, 'the kettle is on', 0),
      said(ben, 'two\nlines', 1),
      said(ann, 'pours', 2, 2),
      said(ben, 'what is new here', 3, 77),
      said(ben, '\u001b[2J kettles\u202e', 24 * 60),
    ])
    await keep('milk', [])
  })

  test('shows people dates, names and safe texts', async () => {
    const { exitCode, out, err } = await history(['tea'])
    expect({ exitCode, lines: out.split('\n') }).toEqual({
      exitCode: 0,
      lines: [
        '2026-11-22 14:03:22 <ann> the kettle is on',
        '2026-11-22 14:04:22 <ben> two',
        '  lines',
        '2026-11-22 14:05:22 * ann pours',
        '2026-11-23 14:03:22 <ben> \ufffd[2J kettles',
        '',
      ],
    })
    expect(err).toBe('parley: 1 message is of a kind that only a newer parley can show\n')
  })

  test('gives programs message events, as they were written', async () => {
    const { exitCode, out } = await history(['#TEA', '--json'])
    expect(exitCode).toBe(0)
    expect(events(out)).toHaveLength(4)
    expect(events(out)[3]).toEqual({
      type: 'message',
      room: 'tea',
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      peer: expect.stringMatching(/^12D3KooW/),
      name: 'ben',
      text: '\u001b[2J kettles\u202e',
      action: false,
      sentAt: NOON + 24 * 60 * MINUTE_MS,
      receivedAt: NOON + 24 * 60 * MINUTE_MS,
      via: 'history',
      late: false,
      own: false,
    })
  })

  test.each<readonly [string[], string[]]>([
    [['--limit', '1'], ['kettles']],
    [
      ['--search', 'KETTLE'],
      ['the kettle is on', 'kettles'],
    ],
    [['--search', 'kettle', '--limit', '1'], ['kettles']],
    [['--search', 'kettle the'], ['the kettle is on']],
    [
      ['--since', '2026-11-22 14:05Z'],
      ['pours', 'kettles'],
    ],
    [['--since', '2026-11-22 14:05Z', '--limit', '1'], ['kettles']],
    [['--search', 'coffee'], []],
  ])('%j', async (options, found) => {
    const { exitCode, out, err } = await history(['tea', '--json', ...options])
    const texts =
      out === ''
        ? []
        : events(out).map(({ text }) => String(text).replace('\u001b[2J ', '').replace('\u202e', ''))
    expect({ exitCode, texts }).toEqual({ exitCode: 0, texts: found })
    expect(err).not.toContain('nothing found')
  })

  test('says so when nothing fits', async () => {
    expect(await history(['tea', '--search', 'coffee'])).toEqual({
      exitCode: 0,
      out: '',
      err: 'parley: nothing found in tea\n',
    })
  })

  test('names the rooms that there are', async () => {
    const { exitCode, out, err } = await history(['water'])
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' })
    expect(err).toBe('parley: the log has nothing of the room water. It has: milk, tea. [room-not-kept]\n')
  })

  test('says who holds the folder, and how to look something up nevertheless', async () => {
    await using _ = await openDataFolder(folder(), 'parley join tea (process 7)')
    const { exitCode, out, err } = await history(['tea', '--json'])
    expect(exitCode).toBe(1)
    expect(events(out)).toMatchObject([{ type: 'error', code: 'data-folder-held' }])
    expect(err).toMatch(/is in use by parley join tea \(process 7\), .* \/history and \/search/)
  })
})

test('shows what a message answers, as it stands by now', async () => {
  const room = roomIdOf('tea', crypto)
  const [ann, ben] = [new Scribe('ann'), new Scribe('ben')]
  const said = (who: Scribe, minute: number, content: Said | Amendment) =>
    who.said('', { room, ts: NOON + minute * MINUTE_MS, ...encodeContent(content) })
  const first = said(ann, 0, { kind: 'text', name: 'ann', text: 'tee?' })
  const answer = (ref: MessageId) => ({ kind: 'reply', name: 'ben', text: 'yes', ref }) as const
  await keep('tea', [
    first,
    said(ann, 1, { kind: 'edit', name: 'ann', ref: first.id, newText: 'tea?' }),
    said(ben, 2, answer(first.id)),
    said(ben, 3, answer('ab'.repeat(32) as MessageId)),
  ])
  expect((await history(['tea'])).out).toMatch(
    /<ben → ann "tea\?"> yes\n.*<ben → a message that is not here> yes/,
  )
  const { out } = await history(['tea', '--json', '--search', 'yes'])
  const [here, gone] = events(out)
  expect(here).toMatchObject({ replyTo: first.id, replied: { id: first.id, name: 'ann', text: 'tea?' } })
  expect(gone).not.toHaveProperty('replied')
})

test('shows two screens unless more is asked for; an export has everything', async () => {
  const room = roomIdOf('tea', crypto)
  const scribe = new Scribe('ann')
  await keep(
    'tea',
    Array.from({ length: MANY }, (_, index) => scribe.said(`number ${index}`, { room })),
  )
  expect((await history(['tea'])).out.trim().split('\n')).toHaveLength(50)
  expect((await history(['tea', '--since', 'today'])).out.trim().split('\n')).toHaveLength(MANY)
  const { out } = await history(['tea', '--json'])
  expect(events(out).map(({ text }) => text)).toEqual(
    Array.from({ length: MANY }, (_, index) => `number ${index}`),
  )
})

test('makes nothing where there is nothing', async () => {
  const { exitCode, err } = await history(['tea'])
  expect(exitCode).toBe(1)
  expect(err).toMatch(/no messages are kept in .*parley join ROOM.*\[log-missing\]/)
  for (const file of ['log.db', 'identity.key', 'lock']) expect(existsSync(join(folder(), file))).toBe(false)
})

test.each([
  ['--limit', '0'],
  ['--limit', 'all'],
  ['--since', 'soon'],
])('refuses %s %s', async (flag, value) => {
  const { exitCode, err } = await history(['tea', flag, value])
  expect(exitCode).toBe(2)
  expect(err).toContain(`${flag} is "${value}", which does not fit`)
})
