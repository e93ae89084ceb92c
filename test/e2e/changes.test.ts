/** Answers, edits, deletions and reactions between real programs, in one session and after a restart. */
import { expect, test } from 'vitest'
import type { JsonProgram } from '../support/process-peer.ts'
import { Stage } from '../support/process-stage.ts'

test('what is changed is told to those who are here, and shown to those who come', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const ben = await stage.peer('ben', { helpers })
  await Promise.all([ann.next({ type: 'joined', name: 'ben' }), ben.next({ type: 'joined', name: 'ann' })])
  ann.say('tae?')
  const tea = await ben.next({ type: 'message', text: 'tae?' })
  const { id } = tea
  ann.command('/edit tea?')
  expect(await ben.next({ type: 'edited' })).toMatchObject({
    id,
    name: 'ann',
    text: 'tea?',
    own: false,
    via: 'live',
  })
  tell(ben, { text: 'yes', reply: id })
  const answer = await ann.next({ type: 'message', text: 'yes' })
  expect(answer).toMatchObject({ replyTo: id, replied: { id, name: 'ann', text: 'tea?', own: true } })
  ann.command('/react :tada:')
  expect(await ben.next({ type: 'reacted' })).toMatchObject({ id: answer['id'], emoji: '🎉', on: true })
  tell(ben, { react: id, emoji: '👍' })
  await ann.next({ type: 'reacted', id, emoji: '👍' })
  tell(ben, { edit: id, text: 'mine now' })
  await ben.next({ type: 'error', code: 'not-yours' })
  ben.say('oops')
  const oops = await ann.next({ type: 'message', text: 'oops' })
  ben.command('/delete')
  expect(await ann.next({ type: 'deleted' })).toMatchObject({ id: oops['id'], name: 'ben' })
  ann.command('/search tae')
  expect(await ann.next({ type: 'notice', code: 'search' })).toMatchObject({ messages: [] })

  const cat = await stage.peer('cat', { helpers })
  const shown = async (peer: string) => cat.next({ type: 'message', id: peer })
  expect(await shown(String(id))).toMatchObject({ text: 'tea?', reactions: [{ name: 'ben', emoji: '👍' }] })
  expect(await shown(String(answer['id']))).toMatchObject({ text: 'yes', replyTo: id })
  expect(await shown(String(oops['id']))).toMatchObject({ text: '', deletedAt: expect.any(Number) })
})

test('what a program wrote is a block to those who are here', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const ben = await stage.peer('ben', { helpers })
  await ann.next({ type: 'joined', name: 'ben' })
  const text = Array.from({ length: 20 }, (_, index) => `ok ${index}`).join('\n')
  tell(ann, { text, code: true })
  expect(await ben.next({ type: 'message', code: true })).toMatchObject({ name: 'ann', text })
  ben.command('/expand')
  expect(await ben.next({ type: 'notice', code: 'expand' })).toMatchObject({
    messages: [{ text, code: true }],
  })
})

/** One object on the program's standard input. */
function tell(program: JsonProgram, what: object): void {
  program.write(`${JSON.stringify(what)}\n`)
}
