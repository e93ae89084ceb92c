/** A router is asked for ports, whatever it, or somebody who says that he is one, answers. */
import { expect, it, vi } from 'vitest'
import { SILENT_LOGGER } from '../../../src/common/logger.ts'
import type { PortMappingDeps } from '../../../src/network/nat/port-mapping.ts'
import { PortMapper } from '../../../src/network/nat/port-mapping.ts'
import { openGateway, searchGateways } from '../../../src/network/nat/upnp.ts'
import type { Router } from './router-kit.ts'
import { answerOf, description, openRouter } from './router-kit.ts'

const PORT = 40_001

/** A peer behind a router, that listens on one port. */
function behind({ search }: Router) {
  const mapped = Promise.withResolvers<readonly number[]>()
  let ports: readonly number[] = []
  let look = (): void => {}
  const addressBook: PortMappingDeps['addressBook'] = {
    isBehindRouter: true,
    isMappingUseless: false,
    listenPorts: () => [PORT],
    onChange: listener => {
      look = listener
      return () => {}
    },
    setMapped: given => {
      ports = given
    },
  }
  const mapper = new PortMapper({
    addressBook,
    logger: SILENT_LOGGER,
    search,
    router: async () => undefined,
    onMapped: () => mapped.resolve(ports),
  })
  look()
  return { mapper, mapped: mapped.promise }
}

const reserved = (port: string): string =>
  `<s:Body><u:R><NewReservedPort>${port}</NewReservedPort></u:R></s:Body>`

it('maps a port, and gives it back in the end', async () => {
  await using router = await openRouter({
    reply: (action, _, response) => {
      response.end(action === '' ? description('WANIPConnection:2') : reserved('50007'))
    },
  })
  const { mapper, mapped } = behind(router)
  expect(await mapped).toEqual([50_007])
  mapper[Symbol.dispose]()
  await vi.waitFor(() => expect(router.asked.at(-1)?.[0]).toBe('DeletePortMapping'))
  expect(router.asked.map(([action]) => action)).toEqual(['', 'AddAnyPortMapping', 'DeletePortMapping'])
  expect(router.asked[1]?.[1]).toContain('<NewInternalClient>127.0.0.1</NewInternalClient>')
  expect(router.asked[2]?.[1]).toContain('<NewExternalPort>50007</NewExternalPort>')
})

it('asks a router of the first version for the next port where one is taken', async () => {
  await using router = await openRouter({
    reply: (action, body, response) => {
      if (action === '') response.end(description('WANPPPConnection:1'))
      else if (body.includes(`<NewExternalPort>${PORT}<`)) {
        response.writeHead(500).end('<UPnPError><errorCode>718</errorCode></UPnPError>')
      } else response.end('<s:Envelope/>')
    },
  })
  const { mapper, mapped } = behind(router)
  expect(await mapped).toEqual([PORT + 1])
  mapper[Symbol.dispose]()
})

it('takes no notice of anything else that answers a search', async () => {
  const nonsense = [
    'X * HTTP/1.1\r\n\r\n',
    'NOTIFY * HTTP/1.1\r\nLOCATION: http://127.0.0.1/\r\nUSN: x\r\nNT: x\r\nNTS: ssdp:alive\r\n\r\n',
    'HTTP/1.1 200 OK\r\n\r\n',
    '\u0000\uffff',
    '',
    answerOf('http://192.0.2.1/elsewhere.xml'),
    answerOf('file:///etc/passwd'),
    answerOf('http://'),
  ]
  await using router = await openRouter({
    answers: location => [...nonsense, answerOf(location)],
    reply: (_, __, response) => response.end(),
  })
  const found = await searchGateways({ ...router.search, signal: AbortSignal.timeout(5_000) })
  expect(found.map(String)).toEqual([router.location])
})

it('ends a search that nobody answers', async () => {
  await using router = await openRouter({ answers: () => [], reply: (_, __, response) => response.end() })
  expect(await searchGateways({ ...router.search, signal: AbortSignal.timeout(100) })).toEqual([])
  expect(await searchGateways({ ...router.search, hosts: [], signal: AbortSignal.timeout(60_000) })).toEqual(
    [],
  )
})

it.each([
  ['says nothing', () => {}, /timeout|aborted/],
  ['says too much', (response: NodeJS.WritableStream) => response.end('x'.repeat(70_000)), /too much/],
  ['is no router', (response: NodeJS.WritableStream) => response.end('<root>hello'), /no ports/],
  [
    'points elsewhere',
    (response: NodeJS.WritableStream) =>
      response.end(description('WANIPConnection:1', 'http://192.0.2.9/control')),
    /another machine/,
  ],
])('leaves one alone that %s', async (_, reply, reason) => {
  await using router = await openRouter({ reply: (__, ___, response) => reply(response) })
  await expect(openGateway(new URL(router.location), AbortSignal.timeout(300))).rejects.toThrow(reason)
})

it.each(['0', '65536', '-1', 'x', '', '1e9'])('believes no router that gives the port "%s"', async port => {
  await using router = await openRouter({
    reply: (action, _, response) => {
      response.end(action === '' ? description('WANIPConnection:2') : reserved(port))
    },
  })
  const { mapper, mapped } = behind(router)
  await vi.waitFor(() => expect(router.asked.length).toBe(5), { timeout: 5_000 })
  mapper[Symbol.dispose]()
  const nothing = new Promise<'nothing'>(resolve => setImmediate(resolve, 'nothing'))
  expect(await Promise.race([mapped, nothing])).toBe('nothing')
})
