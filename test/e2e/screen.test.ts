/** The full screen on a real terminal, as its user sees it. */
import { expect, test } from 'vitest'
import { Stage } from '../support/process-stage.ts'

const ENTER = '\r'
const PAGE_UP = '\u001b[5~'
const CTRL_END = '\u001b[1;5F'
const CTRL_F = '\u0006'

test('three people chat, and see who holds what they wrote', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers })
  const bob = await stage.screenPeer('bob', { helpers, columns: 40 })
  const eve = await stage.peer('eve', { helpers })
  await Promise.all([ann.shows('3 here'), bob.shows('3 here'), eve.next({ type: 'joined', name: 'bob' })])
  ann.type(`hello to both of you, in a line that has to be wrapped at forty columns${ENTER}`)
  await ann.shows('columns ✓✓')
  await bob.shows(/<ann> hello to both of you, in a\n {2}line that has to be wrapped at forty\n {2}columns/)
  eve.say('日本語と👩‍👩‍👧 and e\u0301, שלום')
  await ann.until(
    () => /<eve> 日本語と.* and \u00e9, שלום/.test(ann.text.normalize()),
    'wide and combining text',
  )
  bob.type(`/me waves at ann${ENTER}`)
  await ann.shows('* bob waves at ann')
  // somebody spoke to ann
  expect(ann.output).toContain('\u0007')
  await eve.next({ type: 'message', name: 'bob', text: 'waves at ann', action: true })
  expect(ann.lines.at(-1)).toBe('>')
})

test('typing goes on through resizes, in whatever size', async () => {
  await using stage = await Stage.open()
  const ann = await stage.screenPeer('ann')
  ann.type('a draft of two words')
  await ann.shows('> a draft of two words')
  for (const [columns, rows] of [
    [40, 10],
    [120, 40],
    [20, 5],
    [80, 24],
  ] as const) {
    ann.resize(columns, rows)
    await ann.until(
      () => ann.lines.length === rows && ann.text.replaceAll('\n  ', '').includes('> a draft of two words'),
      `draft in ${columns} columns`,
    )
  }
  ann.type(` more${ENTER}`)
  await ann.shows('<ann> a draft of two words more ·')
})

test('a long paste is asked about, and comes out as it went in', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers })
  const eve = await stage.peer('eve', { helpers })
  await ann.shows('2 here')
  const text = Array.from({ length: 200 }, (_, at) => `line ${at}`).join('\n')
  ann.paste(text)
  await ann.shows('200 lines were pasted')
  ann.type('\u001b')
  await ann.hides('were pasted')
  ann.paste(text)
  await ann.shows('200 lines were pasted')
  ann.type(ENTER)
  await ann.hides('were pasted')
  ann.type(ENTER)
  const message = await eve.next({ type: 'message', name: 'ann' })
  expect(message.text).toBe(text)
})

test('what was said can be scrolled to and searched, and late messages stand where they belong', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const eve = await stage.peer('eve', { helpers })
  for (let at = 1; at <= 300; at++) eve.say(`line ${at}.`)
  await eve.next({ type: 'sent', text: 'line 300.' })
  const ann = await stage.screenPeer('ann', { helpers })
  await ann.shows('line 300.')
  ann.type(PAGE_UP + PAGE_UP)
  await ann.hides('line 300.')
  eve.say('a new one')
  await ann.shows('1 new below')
  ann.type(`${CTRL_F}line 17.`)
  await ann.shows(/<eve> line 17\./)
  ann.type(`${ENTER}${CTRL_END}`)
  await ann.shows('a new one')
})

test('the log has what is older than the screen, also after a start', async () => {
  await using stage = await Stage.open()
  const first = await stage.peer('ann', { data: 'ann' })
  for (let at = 1; at <= 400; at++) first.say(`line ${at}.`)
  await first.next({ type: 'sent', text: 'line 400.' })
  first.endInput()
  await first.exits(0)
  const ann = await stage.screenPeer('ann', { data: 'ann' })
  await ann.shows('line 400.')
  ann.type('\u001b[1;5H')
  await ann.hides('line 400.')
  ann.type('\u001b[1;5H')
  await ann.shows(/line 51\./)
  ann.type('\u001b[1;5H')
  await ann.shows(/<ann> line 1\./)
})

test('rooms have drafts of their own, and tell what happens in them', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers })
  const eve = await stage.peer('eve', { helpers, room: 'tea' })
  ann.type(`/join tea${ENTER}`)
  await ann.shows(/^ tea · 2 here/m)
  ann.type('about tea')
  await ann.shows('> about tea')
  ann.type('\u001b1')
  await ann.shows(new RegExp(`^ ${stage.room} ·`, 'm'))
  await ann.until(() => ann.lines.at(-1) === '>', 'empty line')
  eve.say('ann: are you there?')
  await ann.shows('2:tea 1@1')
  ann.type('\u001b2')
  await ann.shows(/── new ─+\n.*<eve> ann: are you there\?/)
  expect(ann.lines.at(-1)).toBe('> about tea')
  ann.type(ENTER)
  await eve.next({ type: 'message', text: 'about tea', room: 'tea' })
})

test('settings are remembered, and a wrong one in the file is named', async () => {
  await using stage = await Stage.open()
  const ann = await stage.screenPeer('ann', { data: 'ann', columns: 120 })
  ann.type(`/set theme blue${ENTER}`)
  await ann.shows('"blue", which does not fit')
  ann.type(`\u0015/set time seconds${ENTER}`)
  await ann.shows(/\d\d:\d\d:\d\d -- time is seconds now/)
  ann.type(`/quit${ENTER}`)
  expect(await ann.end()).toMatchObject({ code: 0 })
  const again = await stage.screenPeer('ann', { data: 'ann' })
  await again.shows(/\d\d:\d\d:\d\d -- parley/)
})

test('what was typed before is found with Ctrl-R, and sent', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers })
  const eve = await stage.peer('eve', { helpers })
  await ann.shows('2 here')
  for (const text of ['meet me at the lake', 'or at the sea', 'never mind']) {
    ann.type(text + ENTER)
    await eve.next({ type: 'message', text })
  }
  ann.type('\u0012at the')
  await ann.shows('history "at the": or at the sea')
  ann.type('\u0012')
  await ann.shows('history "at the": meet me at the lake')
  ann.type('\u0013')
  await ann.shows('history "at the": or at the sea')
  ann.type(`\u0012${ENTER}`)
  await eve.next({ type: 'message', text: 'meet me at the lake' })
  await ann.until(() => ann.lines.at(-1) === '>', 'empty line')
})

test('the wheel scrolls, as arrows or as reports, and a lone arrow is still the key', async () => {
  await using stage = await Stage.open()
  const ann = await stage.screenPeer('ann')
  for (let at = 1; at <= 40; at++) ann.type(`line ${at}.${ENTER}`)
  await ann.shows('line 40. ·')
  expect(ann.output).toContain('\u001b[?1007h')
  ann.type('\u001b[A'.repeat(3))
  await ann.hides('line 38. ·')
  expect(ann.lines.at(-1)).toBe('>')
  ann.type('\u001b[B'.repeat(6))
  await ann.shows('line 40. ·')
  ann.type('\u001b[A')
  await ann.shows('> line 40.')
  ann.type(`\u0015/set wheel mouse${ENTER}`)
  await ann.shows('wheel is mouse now')
  expect(ann.emulator.modes.mouseTrackingMode).toBe('vt200')
  ann.type('\u001b[<64;5;5M')
  await ann.hides('wheel is mouse now')
  ann.type(`/quit${ENTER}`)
  await ann.end()
  expect(ann.emulator.modes.mouseTrackingMode).toBe('none')
})
