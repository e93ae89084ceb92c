/** A router that was asked to pass a port on is asked to forget it at the end: no hole stays. */
import { expect, test, vi } from 'vitest'
import { Stage } from '../../support/process-stage.ts'
import { Diary } from '../diary.ts'
import { Laboratory } from '../lab/laboratory.ts'
import type { NatKind } from '../lab/nat-rules.ts'
import { Member } from '../member.ts'

const DEADLINE_MS = 60_000
/** A router takes a moment to do what it is told. */
const SOON = { timeout: 15_000, interval: 100 }

test.concurrent.each<NatKind>(['nat-pmp', 'upnp'])(
  '%s: what was mapped is taken back',
  { timeout: DEADLINE_MS },
  async nat => {
    await using laboratory = await Laboratory.open({ delayMs: 2 })
    await using stage = await Stage.open()
    const helpers = [await stage.helper({ place: await laboratory.host('helper') })]
    const home = await laboratory.home('home', nat)
    const host = await home.host('ann')
    const ann = new Member({ name: 'ann', host, stage, diary: new Diary(), helpers, lan: 'on' })
    const mapped = async (): Promise<string> =>
      await home.namespace.run(['nft', 'list', 'table', 'inet', 'upnp'])
    expect(await mapped()).not.toContain('dnat')
    await ann.start()
    await vi.waitFor(async () => expect(await mapped()).toContain(`to ${host.address}`), SOON)
    await ann.leave()
    await vi.waitFor(async () => expect(await mapped()).not.toContain('dnat'), SOON)
  },
)
