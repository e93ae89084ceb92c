/**
 * The helper's admin server: health for a supervisor, metrics for Prometheus, a status page for people.
 * Read-only. It is meant for a private address, and bounded all the same.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { isIPv6 } from 'node:net'
import { ParleyError } from '../../common/errors.ts'
import type { Logger } from '../../common/logger.ts'
import type { HelperStatus } from './metrics.ts'
import { metricsOf } from './metrics.ts'

/** A supervisor, a scraper and some browsers. */
const MAX_CONNECTIONS = 16

/** From connecting to the end of the request, milliseconds. */
const REQUEST_MS = 5_000

/** Bytes of a request's head: browsers send 1,000. */
const MAX_HEADER_BYTES = 8_192

/** The page may load, run and frame nothing. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
}

export interface AdminOptions {
  readonly host: string
  readonly port: number
  readonly status: () => HelperStatus
  readonly logger: Logger
}

export interface Admin extends AsyncDisposable {
  /** Where it listens, with the chosen port if any was requested. */
  readonly host: string
  readonly port: number
}

interface Page {
  readonly code: number
  readonly type: string
  readonly body: string
}

/** Listens. Throws a `ParleyError` if it can't. */
export async function startAdmin({ host, port, status, logger }: AdminOptions): Promise<Admin> {
  const metrics = metricsOf(status)
  const pages: Readonly<Record<string, () => Page | Promise<Page>>> = {
    '/': () => ({ code: 200, type: 'text/html; charset=utf-8', body: statusPage(status()) }),
    '/healthz': () => ({ code: 200, type: 'application/json', body: health(status()) }),
    '/metrics': async () => ({ code: 200, type: metrics.contentType, body: await metrics.text() }),
  }
  const timeouts = {
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1_000,
  }
  const server = createServer({ ...timeouts, maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    answer(request, response, pages).catch(cause => {
      logger.error('the admin page failed', { cause })
      response.destroy()
    })
  })
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, host, port)
  const address = server.address() as AddressInfo
  logger.info('admin pages', { host: address.address, port: address.port })
  return {
    host: address.address,
    port: address.port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Readonly<Record<string, () => Page | Promise<Page>>>,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  const { code, type, body } = await pageFor(
    request.method,
    Object.hasOwn(pages, path) ? pages[path] : undefined,
  )
  const allow = code === 405 ? { Allow: 'GET' } : {}
  response.writeHead(code, { ...HEADERS, ...allow, 'Content-Type': type })
  response.end(body)
}

function pageFor(
  method: string | undefined,
  page: (() => Page | Promise<Page>) | undefined,
): Page | Promise<Page> {
  const type = 'text/plain; charset=utf-8'
  if (page === undefined) return { code: 404, type, body: 'There is /, /healthz and /metrics.\n' }
  if (method !== 'GET') return { code: 405, type, body: 'Only GET.\n' }
  return page()
}

function health({ version, peer, uptimeMs }: HelperStatus): string {
  return `${JSON.stringify({ status: 'ok', version, peer, uptimeMs })}\n`
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(host, port, cause)))
    server.listen({ host, port }, resolve)
  })
}

function listenError(host: string, port: number, cause: NodeJS.ErrnoException): ParleyError {
  const why =
    cause.code === 'EADDRINUSE' ? 'the port is in use by another program' : (cause.code ?? cause.message)
  return new ParleyError(
    'admin-cannot-listen',
    `cannot serve the admin pages on ${isIPv6(host) ? `[${host}]` : host}:${port}: ${why}`,
    'Choose another place with --admin HOST:PORT, such as 127.0.0.1:9090, or leave it out.',
    { cause },
  )
}

// The status page: one table for any browser, without scripts, styles or links.

/** An HTML document. */
export function statusPage(status: HelperStatus): string {
  const rows = [
    ['Version', status.version],
    ['Peer id', status.peer],
    ['Up for', duration(status.uptimeMs)],
    ['Connections', status.connections],
    ['Peers registered', status.peers],
    ['Rooms', status.namespaces],
    ['Registrations', status.registrations],
    ['Watchers', status.watchers],
    ['Reachable by relay', status.reservations],
    ['Relayed connections', status.relayed],
    ['Received', `${status.receivedBytes} bytes`],
    ['Sent', `${status.sentBytes} bytes`],
    ...[...status.refused].map(([reason, count]) => [`Refused: ${reason}`, count]),
  ]
  const table = rows.map(
    ([name, value]) => `<tr><th align="left">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  )
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><title>parley helper</title></head>',
    '<body><h1>parley helper</h1>',
    `<table>${table.join('\n')}</table>`,
    '</body></html>',
    '',
  ].join('\n')
}

/** Text escaped for HTML. */
function escaped(value: string | number | undefined): string {
  return String(value).replace(/[&<>"']/g, character => `&#${character.codePointAt(0)};`)
}

/** Days, hours and minutes; seconds in the first minute. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return `${Math.floor(minutes / 1_440)} d ${Math.floor(minutes / 60) % 24} h ${minutes % 60} min`
}
