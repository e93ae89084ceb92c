import { describe, expect, it } from 'vitest'
import { askFirstStart, type FirstStart } from '../../../src/cli/commands/first-start.ts'
import { testIo } from '../test-io.ts'

async function conversation(typed: string, ask: FirstStart['ask'] = ['name', 'helper']) {
  const io = testIo()
  const asking = askFirstStart({ loginName: 'ann', ask }, io)
  io.stdin.end(typed)
  return { answers: await asking, screen: (await io.written()).out }
}

describe('the first start', () => {
  it('asks for username, helper and port', async () => {
    const { answers, screen } = await conversation('bo\n203.0.113.7\n99\n')
    expect(answers).toEqual({ name: 'bo', helper: '203.0.113.7:99' })
    expect(screen).toBe(
      "Username (ann): Helper's IP address (empty: none, use the local network): Helper's port (12345): ",
    )
  })

  it.each([
    ['\n\n', { name: 'ann', helper: '' }],
    ['\n203.0.113.7\n\n', { name: 'ann', helper: '203.0.113.7:12345' }],
    ['\n2001:db8::7\n\n', { name: 'ann', helper: '[2001:db8::7]:12345' }],
    ['\nfe80::1%eth0\n\n', { name: 'ann', helper: '[fe80::1%eth0]:12345' }],
    ['\n[fe80::1%eth0]:99\n', { name: 'ann', helper: '[fe80::1%eth0]:99' }],
    ['\nchat.example.org\n99\n', { name: 'ann', helper: 'chat.example.org:99' }],
    ['\nchat.example.org:99\n', { name: 'ann', helper: 'chat.example.org:99' }],
    ['\n/dns/chat.example.org/tcp/9\n', { name: 'ann', helper: '/dns/chat.example.org/tcp/9' }],
  ])('understands %j', async (typed, answers) => {
    expect((await conversation(typed)).answers).toEqual(answers)
  })

  it('asks again when an answer does not fit, and says what does', async () => {
    const { answers, screen } = await conversation(
      `${'x'.repeat(40)}\nbo\n300.1.1.1\n203.0.113.7\n99999\nabc\n7\n`,
    )
    expect(answers).toEqual({ name: 'bo', helper: '203.0.113.7:7' })
    expect(screen).toContain('That is longer than 32 characters.')
    expect(screen).toContain('What fits: HOST, HOST:PORT')
    expect(screen.match(/a port from 1 to 65535/g)).toHaveLength(2)
  })

  it('names what is not seen in an answer', async () => {
    const { answers, screen } = await conversation(
      'b\u202eo\nbo\n203.0.113.\u20607\n203.0.113.7\n\u200b99\n99\n',
    )
    expect(answers).toEqual({ name: 'bo', helper: '203.0.113.7:99' })
    expect(screen).toContain('That contains U+202E RIGHT-TO-LEFT OVERRIDE.')
    expect(screen).toContain('That is no address: it contains U+2060 WORD JOINER. What fits: HOST')
    expect(screen).toContain('That is no port: it contains U+200B ZERO WIDTH SPACE. What fits: a port')
  })

  it('asks only for what is missing', async () => {
    expect((await conversation('bo\n', ['name'])).answers).toEqual({ name: 'bo' })
    expect((await conversation('\n', ['helper'])).answers).toEqual({ helper: '' })
  })

  it('may be ended instead of answered', async () => {
    expect((await conversation('bo\n')).answers).toBeUndefined()
  })
})
