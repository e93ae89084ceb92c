/**
 * A router that speaks UPnP, or pretends to: it answers searches over UDP and questions over HTTP, on ports that the
 * system chooses, as each test tells it to.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RouterScript {
  /** What it answers to a search; several packets are sent one after the other. */
  readonly answers?: (location: string) => readonly string[]
  /** Answers a question over HTTP; `action` is empty for the description. */
  readonly reply: (action: string, body: string, response: ServerResponse) => void
}

export interface Router extends AsyncDisposable {
  /** Where searches go. */
  readonly search: {
    readonly hosts: readonly string[]
    readonly to: { readonly address: string; readonly port: number }
  }
  readonly location: string
  /** Questions that came, the action and the body of each. */
  readonly asked: readonly (readonly [string, string])[]
}

const HOST = '127.0.0.1'

export const answerOf = (location: string): string =>
  `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: urn:x\r\nUSN: uuid:x\r\nLocation: ${location}\r\n\r\n`

/** A description with one service. */
export function description(service: string, control = '/control'): string {
  return `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceList><device><serviceList>
<service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/l3f</controlURL></service>
<service><serviceType>urn:schemas-upnp-org:service:${service}</serviceType><controlURL>${control}</controlURL></service>
</serviceList></device></deviceList></device></root>`
}

export async function openRouter({
  answers = location => [answerOf(location)],
  reply,
}: RouterScript): Promise<Router> {
  const asked: [string, string][] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then(body => {
      const action = String(request.headers['soapaction'] ?? '').replace(/^.*#|"$/g, '')
      asked.push([action, body])
      reply(action, body, response)
    })
  })
  await once(server.listen(0, HOST), 'listening')
  const location = `http://${HOST}:${(server.address() as AddressInfo).port}/root.xml`
  const socket = createSocket('udp4', (_, { address, port }) => {
    for (const answer of answers(location)) socket.send(answer, port, address)
  })
  socket.bind({ address: HOST, port: 0 })
  await once(socket, 'listening')
  return {
    search: { hosts: [HOST], to: { address: HOST, port: socket.address().port } },
    location,
    asked,
    async [Symbol.asyncDispose]() {
      socket.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}
