/** `parley send` and `parley tail`, as scripts use them: text, lines and events, and what their exit codes say. */
import { expect, test } from 'vitest'
import type { Program, ProgramOptions } from '../support/process.ts'
import type { Helper } from '../support/process-stage.ts'
import { Stage } from '../support/process-stage.ts'
import { part } from './room-story.ts'

/** Runs a command in the stage's room, as somebody of that name. */
function command(
  stage: Stage,
  name: string,
  words: readonly string[],
  { helpers = [], ...options }: Partial<ProgramOptions> & { readonly helpers?: readonly Helper[] } = {},
): Program {
  const [verb = '', ...rest] = words
  const address = helpers.flatMap(({ port }) => ['--helper', `127.0.0.1:${port}`])
  const own = ['--name', name, '--data', stage.path(name), '--no-lan', '--listen', '/ip4/127.0.0.1/tcp/0']
  return stage.run([verb, stage.room, ...rest, ...own, ...address], options)
}

test.concurrent('what is delivered ends with 0 and in silence: a text, or lines of standard input', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const bot = command(stage, 'bot', ['send', '/who', 'broke', 'the build?'], { helpers })
  await bot.exits(0)
  expect([bot.output, bot.stderr]).toEqual(['', ''])
  const input = 'first line\n\n  second line\n'
  const lines = command(stage, 'bot', ['send', '--wait', '1', '--timeout', '20s'], { helpers, input })
  lines.endInput()
  await lines.exits(0)
  expect([lines.output, lines.stderr]).toEqual(['', ''])
  await ann.heard(['first line', '  second line'])
  await part([{ name: 'ann', peer: ann }])
  expect(ann.messages.map(({ name, text, action }) => ({ name, text, action }))).toEqual(
    ['/who broke the build?', 'first line', '  second line'].map(text => ({
      name: 'bot',
      text,
      action: false,
    })),
  )
})

test.concurrent('what nobody takes in time ends with 3, and is delivered by the next one', async () => {
  await using stage = await Stage.open()
  const early = command(stage, 'bot', ['send', 'anybody?', '--timeout', '200ms', '--json'])
  await early.exits(3)
  const [...events] = early.lines.items.map(line => JSON.parse(line))
  expect(events.find(({ type }) => type === 'sent')).toMatchObject({ text: 'anybody?' })
  expect(events.find(({ type }) => type === 'error')).toMatchObject({ code: 'not-delivered' })
  expect(events.at(-1)).toEqual({ type: 'bye', undelivered: 1 })

  const plain = command(stage, 'bot', ['send', 'still nobody?', '--timeout', '200ms'])
  await plain.exits(3)
  expect(plain.output).toBe('')
  expect(plain.stderr).toMatch(/^parley: Nobody .*\nparley: .*\[not-delivered\]\n$/)

  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const late = command(stage, 'bot', ['send', 'now!'], { helpers })
  await late.exits(0)
  await ann.heard(['anybody?', 'still nobody?', 'now!'])
})

test.concurrent('a folder in use ends with 1 and says who has it; wrong usage with 2', async () => {
  await using stage = await Stage.open()
  const ann = await stage.peer('ann', { data: 'ann' })
  const [second, reader, ...wrong] = [
    command(stage, 'ann', ['send', 'hello']),
    command(stage, 'ann', ['history']),
    command(stage, 'bot', ['send', '']),
    command(stage, 'bot', ['send', 'hello', '--wait', 'all']),
    command(stage, 'bot', ['send', 'hello', '--timeout', 'soon']),
    command(stage, 'bot', ['tail', '--history', '-1']),
  ]
  await Promise.all([second?.exits(1), reader?.exits(1), ...wrong.map(program => program.exits(2))])
  for (const program of [second, reader]) {
    expect(program?.stderr).toMatch(/^parley: the data folder .* is in use by parley join .*\n$/)
    expect(program?.stderr).toContain(`(process ${ann.pid})`)
  }
  expect(reader?.stderr).toContain('/history')
  for (const { stderr, output } of wrong) {
    expect(output).toBe('')
    expect(stderr).toMatch(/^parley: [^\n]+\n$/)
  }
})

test.concurrent('tail shows the last messages, then what is written, and ends when it is told to', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  for (const text of ['one', 'two', 'three', 'four']) ann.say(text)
  await ann.next({ type: 'sent', text: 'four' })
  const tail = command(stage, 'bot', ['tail', '--history', '2'], { helpers })
  await tail.lines.find(line => line.endsWith('<ann> four'), 'last message')
  await ann.next({ type: 'joined', name: 'bot' })
  ann.say('five')
  ann.command('/me leaves')
  await tail.lines.find(line => line.endsWith('* ann leaves'), 'new message')
  tail.signal('SIGINT')
  await tail.exits(0)
  expect(tail.lines.items.map(line => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
    '<ann> three',
    '<ann> four',
    '<ann> five',
    '* ann leaves',
  ])
  expect(tail.stderr).toBe('')
  await ann.next({ type: 'left', name: 'bot', reason: 'quit' })
})

test.concurrent('what a program wrote arrives as a block, without its colours, and folded in line mode', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const reader = await stage.plainPeer('reader', { helpers })
  await ann.next({ type: 'joined', name: 'reader' })
  const wrote = Array.from({ length: 30 }, (_, index) => `\u001b[32mok\u001b[0m ${index}`).join('\n')
  const bot = command(stage, 'bot', ['send', '--code', '--wait', '2'], { helpers, input: `${wrote}\n` })
  bot.endInput()
  await bot.exits(0)
  const { text } = await ann.next({ type: 'message', code: true })
  expect(text).toBe(Array.from({ length: 30 }, (_, index) => `ok ${index}`).join('\n'))
  await reader.lines.find(line => line.endsWith('… 25 more lines: /expand shows the block'), 'a folded block')
  expect(reader.output).not.toContain('ok 5')
  reader.write('/expand\n')
  await reader.lines.find(line => line.endsWith('ok 29'), 'the whole block')

  const nothing = command(stage, 'bot', ['send', '--code'], { helpers })
  nothing.endInput()
  await nothing.exits(1)
  expect(nothing.stderr).toMatch(/^parley: [^\n]*2>&1[^\n]*\[empty-text\]\n$/)
})

test.concurrent('tail tells what was changed', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const reader = command(stage, 'reader', ['tail'], { helpers })
  await ann.next({ type: 'joined', name: 'reader' })
  ann.say('helo')
  await reader.lines.find(line => line.endsWith('<ann> helo'), 'what ann wrote')
  ann.command('/edit hello')
  await reader.lines.find(line => /-- ann edited the message of \d\d:\d\d: hello$/.test(line), 'the edit')
  ann.command('/react :+1:')
  await reader.lines.find(line => line.endsWith('-- ann reacted 👍 to ann "hello"'), 'the reaction')
  ann.command('/delete')
  await reader.lines.find(line => /-- ann deleted the message of \d\d:\d\d$/.test(line), 'the deletion')
})
