/** Names are claims: two people may have one, and everyone can tell them apart. */
import { expect, test } from 'vitest'
import type { Program } from '../support/process.ts'
import { Stage } from '../support/process-stage.ts'
import { part } from './room-story.ts'

/** As the tag of a fingerprint looks. */
const TAGGED = /<(?<name>[^·>]+)·(?<tag>[A-Z2-7]{4})>/

function shownLine(program: Program, text: string): Promise<string> {
  return program.lines.find(line => line.includes(`> ${text}`), `line that says ${text}`)
}

test('two alices and somebody who looks like them are told apart by tags', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const watcher = await stage.plainPeer('watcher', { helpers })
  const first = await stage.peer('alice', { helpers })
  const second = await stage.peer('alice', { helpers })
  // the first letter is Cyrillic
  const double = await stage.peer('аlice', { helpers })

  const everyone = [first, second, double]
  for (const peer of everyone) {
    const { peer: self } = await peer.next({ type: 'ready' })
    for (const other of everyone.filter(one => one !== peer)) await other.next({ type: 'joined', peer: self })
  }
  await watcher.lines.find(line => /careful with аlice·/.test(line), 'warning of the lookalike')
  first.say('I am the first')
  second.say('I am the second')
  double.say('I am the double')
  const lines = await Promise.all(
    ['I am the first', 'I am the second', 'I am the double'].map(text => shownLine(watcher, text)),
  )
  const tags = lines.map(line => TAGGED.exec(line)?.groups?.['tag'])
  const fingerprints = await Promise.all(
    [
      { of: first, by: second },
      { of: second, by: first },
      { of: double, by: first },
    ].map(async ({ of, by }) => {
      const { peer } = await of.next({ type: 'ready' })
      return (await by.next({ type: 'joined', peer })).fingerprint
    }),
  )
  expect(new Set(fingerprints).size).toBe(3)
  expect(tags).toEqual(fingerprints.map(fingerprint => fingerprint.slice(0, 4)))

  first.command('/why alice')
  const refusal = await first.next({ type: 'error', code: 'ambiguous-name' })
  expect(refusal.text).toContain(fingerprints[1])
})

test('a new name is told with the old one, and one that does not fit is refused', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const ben = await stage.peer('ben', { helpers })
  await Promise.all([ann.next({ type: 'joined', name: 'ben' }), ben.next({ type: 'joined', name: 'ann' })])
  ann.command('/nick anna')
  const renamed = await ben.next({ type: 'renamed', name: 'anna' })
  expect(renamed).toMatchObject({ was: 'ann', peer: (await ann.next({ type: 'ready' })).peer })
  ann.say('I changed my name')
  await ben.next({ type: 'message', name: 'anna', text: 'I changed my name' })

  ann.command(`/nick ${'n'.repeat(33)}`)
  await ann.next({ type: 'error', code: 'bad-name' })
  ann.command('/who')
  const { text } = await ann.next({ type: 'notice', code: 'who' })
  expect(text).toContain('anna (you')

  await part([{ name: 'anna', peer: ann }])
  await ben.next({ type: 'left', name: 'anna', reason: 'quit' })
  await part([{ name: 'ben', peer: ben }])
  expect(ben.all({ type: 'joined' })).toHaveLength(1)
})

test('one data folder is one peer: kept over a restart, and never used by two programs', async () => {
  await using stage = await Stage.open()
  const ann = await stage.peer('ann', { data: 'ann' })
  const { peer: id } = await ann.next({ type: 'ready' })

  const second = await stage.startPeer('ann', { data: 'ann' })
  await second.exits(1)
  expect(second.stderr).toContain(`(process ${ann.pid})`)
  expect(second.stderr).toContain(stage.path('ann'))
  expect(second.events).toMatchObject([{ type: 'error', code: 'data-folder-held' }])

  const elsewhere = await stage.peer('ann', { data: 'another' })
  expect((await elsewhere.next({ type: 'ready' })).peer).not.toBe(id)

  await part([{ name: 'ann', peer: ann }])
  const again = await stage.peer('ann', { data: 'ann' })
  expect((await again.next({ type: 'ready' })).peer).toBe(id)
})
