import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { statusPage } from '../../../src/helper/admin/server.ts'
import { discover, register } from '../../../src/network/discovery/rendezvous-client.ts'
import type { Started } from '../helper-kit.ts'
import { Helpers } from '../helper-kit.ts'
import { OTHER, Stage } from '../rendezvous/rendezvous-kit.ts'

const stage = new Stage()
const helpers = new Helpers()
afterEach(async () => {
  await stage.end()
  await helpers.end()
})

const withAdmin = () => helpers.start({ admin: { host: '127.0.0.1', port: 0 } })

const url = (helper: Started, path: string) => `http://127.0.0.1:${helper.admin?.port}${path}`

const get = (helper: Started, path: string, init?: RequestInit) => fetch(url(helper, path), init)

/** The value of one metric. */
function metric(text: string, name: string): number {
  const line = text.split('\n').find(candidate => candidate.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1))
}

describe('the admin pages', () => {
  test('/healthz says that it is well', async () => {
    const helper = await withAdmin()
    const response = await get(helper, '/healthz')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toMatchObject({ status: 'ok', version: '1.2.3', peer: helper.ready.peer })
  })

  test('/metrics counts what the helper holds, refuses and carries', async () => {
    const helper = await withAdmin()
    const ann = await stage.peerAt(helper.at)
    const record = await ann.record()
    await register({ ...ann.ask(), record, ttlSeconds: 7_200 })
    await register({ ...ann.ask(OTHER), record, ttlSeconds: 7_200 })
    await register({ ...ann.ask(), record, ttlSeconds: 1 })
    await discover(ann.ask())
    const text = await (await get(helper, '/metrics')).text()
    expect(metric(text, 'parley_helper_connections')).toBe(1)
    expect(metric(text, 'parley_helper_registrations')).toBe(2)
    expect(metric(text, 'parley_helper_peers')).toBe(1)
    expect(metric(text, 'parley_helper_namespaces')).toBe(2)
    expect(metric(text, 'parley_helper_watchers')).toBe(0)
    expect(metric(text, 'parley_helper_refused_total{reason="ttl"}')).toBe(1)
    expect(metric(text, 'parley_helper_received_bytes_total')).toBeGreaterThan(record.length * 3)
    expect(metric(text, 'parley_helper_sent_bytes_total')).toBeGreaterThan(record.length)
    expect(metric(text, 'process_resident_memory_bytes')).toBeGreaterThan(0)
  })

  test('/metrics does not count its own pages as traffic', async () => {
    const helper = await withAdmin()
    const first = await (await get(helper, '/metrics')).text()
    const second = await (await get(helper, '/metrics')).text()
    expect(metric(first, 'parley_helper_received_bytes_total')).toBe(0)
    expect(metric(second, 'parley_helper_received_bytes_total')).toBe(0)
  })

  test('/ is a page without scripts, styles or links', async () => {
    const helper = await withAdmin()
    const response = await get(helper, '/?whatever')
    const page = await response.text()
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page).toContain(helper.ready.peer)
    expect(page).toContain('1.2.3')
    expect(page).not.toMatch(/<(script|style|link|img|a|iframe)\b|\son\w+=/i)
  })

  test('text on the page can not become markup', () => {
    const refused = new Map([[`"'&<script>`, 1]])
    const table = { registrations: 0, peers: 0, namespaces: 0, watchers: 0 }
    const counts = { ...table, connections: 0, reservations: 0, relayed: 0 }
    const bytes = { receivedBytes: 0, sentBytes: 0 }
    const page = statusPage({ version: '<b>', peer: '', uptimeMs: 90_061_000, refused, ...counts, ...bytes })
    expect(page).not.toContain('<b>')
    expect(page).not.toContain('<script>')
    expect(page).toContain('&#34;&#39;&#38;&#60;script&#62;')
    expect(page).toContain('1 d 1 h 1 min')
  })

  test('nothing else is there, and nothing can be sent', async () => {
    const helper = await withAdmin()
    for (const path of ['/metrics/', '/constructor', '/__proto__', '/../etc/passwd', '//']) {
      expect((await get(helper, path)).status).toBe(404)
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
      const response = await get(helper, '/', { method })
      expect([method, response.status]).toEqual([method, 405])
      expect(response.headers.get('allow')).toBe('GET')
    }
  })

  test('a long head is refused, and so are more connections than a few', async () => {
    const helper = await withAdmin()
    const long = request(url(helper, '/'), { headers: { 'x-long': 'x'.repeat(10_000) } }).end()
    const [response] = await once(long, 'response')
    expect(response.statusCode).toBe(431)
    response.resume()
    const sockets = Array.from({ length: 20 }, () => connect(helper.admin?.port ?? 0, '127.0.0.1'))
    const closed = sockets.map(socket => once(socket, 'close'))
    await Promise.race(closed)
    for (const socket of sockets) socket.destroy()
    await Promise.all(closed)
    await expect
      .poll(() =>
        get(helper, '/healthz').then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200)
  })

  test('are gone with the helper', async () => {
    const helper = await withAdmin()
    await helper.close()
    await expect(get(helper, '/healthz')).rejects.toThrow()
  })
})
