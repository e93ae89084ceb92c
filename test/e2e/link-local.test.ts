/** A helper at a link-local IPv6 address, from the flag to the pin: `[fe80::1%eth0]:12345` is one address throughout. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { linkLocal } from '../support/link-local.ts'
import { Stage } from '../support/process-stage.ts'

const own = linkLocal()

test.runIf(own !== undefined)('a helper at a link-local address is found, examined and pinned', async () => {
  const { host, zone } = own ?? { host: '', zone: '' }
  await using stage = await Stage.open()
  const listen = ['--listen', `/ip6zone/${zone}/ip6/${host}/tcp/0`, '--admin', `[${host}%${zone}]:0`]
  const helper = stage.run(['helper', '--json', ...listen, '--data', stage.path('helper')])
  const ready = JSON.parse(await helper.lines.find(line => line.includes('"ready"'), 'ready'))
  const port = /\/tcp\/(\d+)\//.exec(ready.addresses[0])?.[1]
  const pages = JSON.parse(await helper.lines.find(line => line.includes('"admin"'), 'admin'))
  expect(pages.url).toMatch(`http://[${host}%25${zone}]:`)

  const at = `[${host}%${zone}]:${port}`
  const peer = ['--json', '--no-lan', '--data', stage.path('ann'), '--helper', at]
  const doctor = stage.run(['doctor', ...peer])
  await doctor.exits(0)
  const findings = doctor.lines.items.map(line => JSON.parse(line))
  expect(findings.filter(({ state }) => state !== 'well')).toEqual([])
  expect(findings.map(({ text }) => text).join()).toContain(`the helper ${at} answers`)

  const chat = stage.run(['join', ...peer])
  const connected = await chat.lines.find(line => line.includes('"state":"connected"'), 'connection')
  expect(connected).toContain(at)
  await expect
    .poll(async () => JSON.parse(await readFile(stage.path('ann/pins.json'), 'utf8').catch(() => '[]')))
    .toEqual([{ address: `/ip6zone/${zone}/ip6/${host}/tcp/${port}`, peerId: ready.peer }])
})
