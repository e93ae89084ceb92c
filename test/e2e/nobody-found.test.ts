/** Why nobody can be found, in every form in which somebody may look: which trouble it is, and what to do about it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Stage } from '../support/process-stage.ts'

const ALONE = ['--no-lan', '--listen', '/ip4/127.0.0.1/tcp/0'] as const

interface Trouble {
  readonly title: string
  readonly reasons: readonly string[]
  readonly says: RegExp
  /** Where nothing that helps is. */
  readonly stand: () => Promise<{ readonly address: string } & AsyncDisposable>
}

const TROUBLES: readonly Trouble[] = [
  {
    title: 'a name that there is not',
    // where there is no name server, nobody can say that there is not
    reasons: ['unknown-host', 'lookup-failed'],
    says: /^Can't reach helper no-such-host\.invalid: (there is no host of that name|its name could not be looked up)/,
    stand: async () => ({ address: 'no-such-host.invalid', [Symbol.asyncDispose]: async () => {} }),
  },
  {
    title: 'a port on which nobody listens',
    reasons: ['refused'],
    says: /^Can't reach helper 127\.0\.0\.1:\d+: connection refused on port \d+/,
    async stand() {
      const server = createTcpServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      await new Promise(resolve => server.close(resolve))
      return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => {} }
    },
  },
  {
    title: 'a web server',
    reasons: ['not-libp2p'],
    says: /^Can't reach helper 127\.0\.0\.1:\d+: something answers on port \d+, but it is not a parley helper/,
    async stand() {
      const server = createServer((_, answer) => answer.end('hello')).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      return {
        address: `127.0.0.1:${port}`,
        async [Symbol.asyncDispose]() {
          server.closeAllConnections()
          server.close()
        },
      }
    },
  },
]

describe.each(TROUBLES)('$title in the place of a helper', ({ reasons, says, stand }) => {
  test.concurrent('is told by a chat, that goes on', async () => {
    await using stage = await Stage.open()
    await using place = await stand()
    const ann = await stage.peer('ann', { args: ['--helper', place.address] })
    const error = await ann.next({ type: 'error', code: 'helper-unreachable' })
    expect(reasons).toContain(error.reason)
    expect(error.address).toBe(place.address)
    expect(error.text).toMatch(says)
    expect(error.text).toMatch(/\. Still trying\.$/)
    expect(error.remedy).toMatch(/\.$/)
    ann.command('/quit')
    await ann.exits(0)
    expect(ann.all({ type: 'error' })).toHaveLength(1)
    expect(ann.all({ type: 'notice' })).toEqual([])
  })

  test.concurrent('is told by the doctor', async () => {
    await using stage = await Stage.open()
    await using place = await stand()
    const data = ['--data', stage.path('patient')]
    const doctor = stage.run(['doctor', '--json', '--no-lan', ...data, '--helper', place.address])
    await doctor.exits(1)
    const finding = JSON.parse(doctor.lines.items.at(-1) ?? '')
    expect(reasons).toContain(finding.reason)
    expect(finding).toMatchObject({ check: 'helper', state: 'bad', text: expect.stringMatching(says) })
    expect(finding.remedy).toMatch(/\.$/)
  })

  test.concurrent('is told by send and tail on standard error', async () => {
    await using stage = await Stage.open()
    await using place = await stand()
    const at = ['--data', stage.path('bot'), ...ALONE, '--helper', place.address]
    const send = stage.run(['send', stage.room, 'hello', '--timeout', '2s', ...at])
    await send.exits(3)
    const [first = '', last] = send.stderr.split('\n')
    expect(first.replace('parley: ', '')).toMatch(says)
    expect(first).toMatch(/ Still trying\. [A-Z].*\. \[helper-unreachable\]$/)
    expect(last).toMatch(/\[not-delivered\]$/)
    const tail = stage.run(['tail', stage.room, '--json', ...at])
    await tail.lines.find(line => reasons.includes(JSON.parse(line).reason), 'error with its reason')
    tail.signal('SIGINT')
    await tail.exits(0)
  })
})

const NOBODY = /Nobody new can be found: no helper is set, and discovery on the local network is off/

describe('without a helper and without the local network', () => {
  test.concurrent('a chat says so, as JSON and in plain lines', async () => {
    await using stage = await Stage.open()
    const ann = await stage.peer('ann')
    const notice = await ann.next({ type: 'notice', code: 'no-discovery' })
    expect(notice.text).toMatch(NOBODY)
    expect(notice.text).toContain('--helper HOST')
    const ben = await stage.plainPeer('ben')
    await ben.lines.find(line => NOBODY.test(line), 'line that says why')
  })

  test.concurrent('send, tail and the doctor say so', async () => {
    await using stage = await Stage.open()
    const data = (name: string) => ['--data', stage.path(name)]
    const send = stage.run(['send', stage.room, 'hello', '--timeout', '100ms', ...data('send'), ...ALONE])
    await send.exits(3)
    expect(send.stderr).toMatch(NOBODY)
    expect(send.output).toBe('')
    const tail = stage.run(['tail', stage.room, '--json', ...data('tail'), ...ALONE])
    await tail.lines.find(line => JSON.parse(line).code === 'no-discovery', 'notice')
    tail.signal('SIGINT')
    await tail.exits(0)
    const doctor = stage.run(['doctor', '--no-lan', ...data('doctor')])
    await doctor.exits(1)
    expect(doctor.lines.items.at(-2)).toMatch(NOBODY)
  })
})
