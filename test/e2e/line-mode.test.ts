/** Line mode through pipes: readable by people and scripts, and safe to print whatever others write. */
import { expect, test } from 'vitest'
import { Stage } from '../support/process-stage.ts'
import { part } from './room-story.ts'
import { UNSAFE } from './unsafe-output.ts'

/** A row begins with a time; what else a text's lines begin with is indented. */
const ROW = /^\d\d:\d\d:\d\d (--|!!|<|\*)|^ {11}/

const ATTACKS = [
  '\x1b[31mred\x1b[0m',
  '\x1b]0;title\x07',
  '\x1b]52;c;cm0gLXJm\x1b\\',
  '\x9b2J',
  'invoice\u202egnp.exe',
  'zero\u200bwidth',
  'first\rsecond',
  'back\b\b\b',
  'nothing\0',
  'tab\there',
  'one\n14:03:22 <alice> I never said this',
  'separated\u2028here',
]
const FAMILY = '👩‍👩‍👧'

test('what others write is shown without a single control code, and their lines stay theirs', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const reader = await stage.plainPeer('reader', { helpers })
  const alice = await stage.peer('alice', { helpers })
  await reader.lines.find(line => /-- alice joined \([A-Z2-7-]{39}\)$/.test(line), 'line that alice joined')
  for (const attack of ATTACKS) alice.say(attack)
  alice.say(`the family ${FAMILY}`)
  alice.command('/me waves')
  await reader.lines.find(line => line.includes('* alice waves'), 'line of what alice does')
  await part([{ name: 'alice', peer: alice }])
  await reader.lines.find(line => line.endsWith('-- alice left (quit)'), 'line that alice left')

  expect(reader.output).not.toMatch(UNSAFE)
  expect(reader.output).toContain(`<alice> the family ${FAMILY}\n`)
  expect(reader.output).toContain('<alice> \ufffd[31mred\ufffd[0m\n')
  for (const line of reader.output.trimEnd().split('\n')) expect(line).toMatch(ROW)
  expect(reader.output).not.toMatch(/^14:03:22 <alice>/m)
  expect(reader.stderr).toBe('')
})

test('lines are text or commands, and a slip of the finger is told to nobody', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.plainPeer('ann', { helpers })
  const ben = await stage.peer('ben', { helpers })
  await Promise.all([
    ben.next({ type: 'joined', name: 'ann' }),
    ann.lines.find(line => line.includes('-- ben joined'), 'line that ben joined'),
  ])
  ann.write('hello\n\n//usr is a folder\r\n/wo\n/me sits down\n/who\n/peers\nbye\n/quit\nnever said\n')
  await ann.exits(0)
  await ben.next({ type: 'left', name: 'ann', reason: 'quit' })

  const said = ben.messages.map(({ text, action }) => (action ? `* ${text}` : text))
  expect(said).toEqual(['hello', '/usr is a folder', '* sits down', 'bye'])
  expect(ann.output).toMatch(/ <ann> hello\n/)
  expect(ann.output).toMatch(/ \* ann sits down\n/)
  expect(ann.output).toMatch(/ !! There is no command \/wo\. Did you mean \/who\?/)
  expect(ann.output).toMatch(
    / -- 2 in room-[0-9a-f]+:\n +ann \(you, [A-Z2-7-]{39}\)\n +ben \([A-Z2-7-]{39}\)\n/,
  )
  expect(ann.output).toMatch(/ -- ben: directly over tcp/)
})

test('a pipe gets no colours unless the user wants them, and NO_COLOR has the last word', async () => {
  await using stage = await Stage.open()
  const outputs = await Promise.all(
    [{}, { FORCE_COLOR: '1' }, { FORCE_COLOR: '1', NO_COLOR: '1' }].map(async (env, at) => {
      const peer = await stage.plainPeer(`peer ${at}`, { env })
      peer.endInput()
      await peer.exits(0)
      return peer.output
    }),
  )
  expect(outputs.map(output => output.includes('\x1b['))).toEqual([false, true, false])
})

test('without any form asked for, a pipe gets plain lines', async () => {
  await using stage = await Stage.open()
  const args = ['join', stage.room, '--name', 'ann', '--no-lan', '--listen', '/ip4/127.0.0.1/tcp/0']
  const program = stage.run([...args, '--data', stage.path('data')], { input: 'to whom it may concern\n' })
  program.endInput()
  await program.exits(0)
  const [ready, alone, said, undelivered] = program.output.trimEnd().split('\n')
  expect(ready).toMatch(/^\d\d:\d\d:\d\d -- parley \d+\.\d+\.\d+: you are ann in room /)
  expect(alone).toMatch(/^\d\d:\d\d:\d\d -- Nobody new can be found: /)
  expect(said).toMatch(/^\d\d:\d\d:\d\d <ann> to whom it may concern$/)
  expect(undelivered).toMatch(
    /^\d\d:\d\d:\d\d !! 1 message waits in your log; it goes out when someone is here$/,
  )
})
