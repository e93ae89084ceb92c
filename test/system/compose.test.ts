/**
 * `docker compose up` for real: a helper and four peers in hardened containers on a private network, under the oldest
 * and the newest way to build and run them. The tests of one flavour tell one story in order, on one set of containers.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ComposeProject, FLAVOURS, POLL } from './compose-project.ts'
import { readEvents } from './guest-events.ts'

const CLIENTS = ['client_01', 'client_02', 'client_03', 'client_04'] as const
const SERVICES = ['helper', ...CLIENTS]
const nameOf = (service: string) => service.replace('client', 'Client')

/** One flavour alone: `COMPOSE_FLAVOURS=compose2`. By default both must work here. */
const chosen = process.env['COMPOSE_FLAVOURS']?.split(',') ?? FLAVOURS.map(flavour => flavour.name)

test('knows every chosen flavour', () => {
  expect(FLAVOURS.map(flavour => flavour.name)).toEqual(expect.arrayContaining(chosen))
})

describe.each(FLAVOURS.filter(flavour => chosen.includes(flavour.name)))('with $name', flavour => {
  const project = new ComposeProject(flavour)

  beforeAll(() => project.up())
  afterAll(() => project.down())

  /** Waits until every one of `services` shows `text`. */
  const shown = (services: readonly string[], text: string | RegExp) =>
    Promise.all(
      services.map(service =>
        vi.waitFor(async () => expect(await project.logs(service)).toMatch(text), POLL),
      ),
    )

  /** `from` types `text`; resolves when each of the other clients in `to` shows it as said by `from`. */
  async function say(from: string, text: string, to: readonly string[] = CLIENTS): Promise<void> {
    await project.type(from, text)
    await shown(
      to.filter(service => service !== from),
      new RegExp(`${nameOf(from)}.*${text}`),
    )
  }

  test('the helper gets healthy and the four peers find each other', async () => {
    await vi.waitFor(async () => {
      expect((await project.inspect('helper')).State.Health?.Status).toBe('healthy')
    }, POLL)
    for (const service of CLIENTS) {
      const others = CLIENTS.filter(other => other !== service)
      await Promise.all(others.map(other => shown([service], nameOf(other))))
    }
  })

  test('the containers are hardened', async () => {
    for (const service of SERVICES) {
      const { Config, HostConfig } = await project.inspect(service)
      expect(Config.User, service).toBe('parley')
      expect(HostConfig, service).toMatchObject({
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        CapAdd: null,
        Privileged: false,
        Init: true,
        PortBindings: {},
      })
      expect(await project.networksOf(service), service).toEqual([
        expect.objectContaining({ Internal: true }),
      ])
      expect(HostConfig.SecurityOpt, service).toContain('no-new-privileges:true')
      expect(HostConfig.PidsLimit, service).toBeGreaterThan(0)
      expect(HostConfig.Memory, service).toBeGreaterThan(0)
    }
  })

  test('what anyone types reaches all others', async () => {
    for (const service of CLIENTS) await say(service, `hello from ${service}`)
  })

  test('the chat goes on without the helper', async () => {
    await project.kill('helper')
    await vi.waitFor(async () => {
      expect((await project.inspect('helper')).State.Status).toBe('exited')
    }, POLL)
    for (const service of CLIENTS) await say(service, `no helper, says ${service}`)
  })

  test('after the helper is back a late guest gets in, and speaks and reads JSON', async () => {
    await project.start('helper')
    const guest = project.guest('join', 'demo', '--json')
    const events = readEvents(guest)
    await vi.waitFor(() => expect(events.joined()).toEqual(CLIENTS.map(nameOf)), POLL)

    guest.stdin.write(`${JSON.stringify({ text: 'hello from a script' })}\n`)
    await shown(CLIENTS, /Guest.*hello from a script/)
    await project.type('client_03', 'welcome, script')
    await vi.waitFor(() => expect(events.texts()).toContain('welcome, script'), POLL)

    guest.stdin.end()
    expect(await events.ended).toMatchObject({ code: 0, last: { type: 'bye', undelivered: 0 } })
    await shown(CLIENTS, /Guest left \(quit\)/)
  })

  test('who quits leaves properly', async () => {
    await project.type('client_04', '/quit')
    await vi.waitFor(async () => {
      expect((await project.inspect('client_04')).State).toMatchObject({ Status: 'exited', ExitCode: 0 })
    }, POLL)
    await shown(['client_01', 'client_02', 'client_03'], /Client_04 left \(quit\)/)
  })
})
