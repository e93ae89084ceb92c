/** A router that passes ports on, here a socket of this machine: what is asked of it, and that it is taken back. */
import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { keepPortsMapped } from '../../../src/network/nat/nat-pmp.ts'

const LEASE = 600
const PCP_BYTES = 60

class Router {
  readonly asked: Buffer[] = []
  readonly #socket: Socket = createSocket('udp4')
  readonly #answer: (request: Buffer) => Buffer | undefined

  constructor(answer: (request: Buffer) => Buffer | undefined) {
    this.#answer = answer
    this.#socket.on('message', (request, from) => {
      this.asked.push(request)
      const answer = this.#answer(request)
      if (answer !== undefined) this.#socket.send(answer, from.port, from.address)
    })
  }

  async start(): Promise<number> {
    this.#socket.bind(0, '127.0.0.1')
    await once(this.#socket, 'listening')
    return this.#socket.address().port
  }

  stop(): void {
    this.#socket.close()
  }
}

let router: Router | undefined
afterEach(() => router?.stop())

async function hold(answer: (request: Buffer) => Buffer | undefined) {
  router = new Router(answer)
  const routerPort = await router.start()
  const signal = AbortSignal.timeout(10_000)
  return await keepPortsMapped({ router: '127.0.0.1', routerPort, ports: [4_001], signal, onLost: () => {} })
}

/** NAT-PMP's answer: the port above the one that is wished for. */
function pmp(request: Buffer): Buffer {
  const answer = Buffer.alloc(16)
  answer.writeUInt8(0x82, 1)
  request.copy(answer, 8, 4, 6)
  answer.writeUInt16BE(request.readUInt16BE(6) + 1, 10)
  answer.writeUInt32BE(LEASE, 12)
  return answer
}

/** PCP's answer, and to NAT-PMP that it isn't spoken. */
function pcp(request: Buffer): Buffer {
  const answer = Buffer.alloc(request.readUInt8(0) === 2 ? PCP_BYTES : 24)
  answer.writeUInt8(2, 0)
  answer.writeUInt8(0x80 | request.readUInt8(1), 1)
  if (request.readUInt8(0) !== 2) answer.writeUInt8(1, 3)
  else {
    answer.writeUInt32BE(LEASE, 4)
    request.copy(answer, 24, 24)
  }
  return answer
}

test('by NAT-PMP: the port that the router chose, asked for again when the first packet is lost, and taken back', async () => {
  let lost = 0
  const held = await hold(request => (lost++ === 0 ? undefined : pmp(request)))
  expect(held.ports).toEqual([4_002])
  await held.release()
  expect(router?.asked.map(request => request.toString('hex'))).toEqual([
    '000200000fa10fa1000004b0',
    '000200000fa10fa1000004b0',
    '000200000fa1000000000000',
  ])
})

test('by PCP, where the router speaks nothing older; it is taken back with the same nonce', async () => {
  const held = await hold(pcp)
  expect(held.ports).toEqual([4_001])
  await held.release()
  const requests = router?.asked.filter(request => request.length === PCP_BYTES) ?? []
  expect(requests.map(request => request.readUInt32BE(4))).toEqual([1_200, 0])
  expect(new Set(requests.map(request => request.toString('hex', 24, 36))).size).toBe(1)
  expect(requests[0]?.subarray(8, 24)).toEqual(Buffer.from('00000000000000000000ffff7f000001', 'hex'))
})

test('a router that refuses, and one that does not listen', async () => {
  await expect(hold(() => Buffer.from('0082000200000001', 'hex'))).rejects.toThrow('refuses (2)')
  const gone = new Router(pmp)
  const routerPort = await gone.start()
  gone.stop()
  const options = { router: '127.0.0.1', routerPort, ports: [4_001], signal: AbortSignal.timeout(10_000) }
  await expect(keepPortsMapped({ ...options, onLost: () => {} })).rejects.toThrow('ECONNREFUSED')
})
