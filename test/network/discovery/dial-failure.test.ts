/** Every way in which the system or libp2p fails to connect is one kind of trouble. */
import { InvalidPeerIdError } from '@libp2p/interface'
import { describe, expect, test } from 'vitest'
import type { DialProgress } from '../../../src/network/discovery/dial-failure.ts'
import {
  classifyDial,
  classifyError,
  DialError,
  errorCodes,
} from '../../../src/network/discovery/dial-failure.ts'

function failed(code: string): Error {
  return Object.assign(new Error('a text that means nothing'), { code })
}

const CONNECTING: DialProgress = { stage: 'connecting', heard: 'nothing', end: 'failed' }
const HANDSHAKE: DialProgress = { stage: 'handshake', heard: 'nothing', end: 'failed' }

describe('before there is a connection', () => {
  test.each([
    ['ENOTFOUND', { kind: 'unknown-host' }],
    ['EAI_AGAIN', { kind: 'lookup-failed' }],
    ['EAI_FAIL', { kind: 'lookup-failed' }],
    ['ECONNREFUSED', { kind: 'refused' }],
    ['ETIMEDOUT', { kind: 'no-answer' }],
    ['EHOSTUNREACH', { kind: 'no-route' }],
    ['ENETUNREACH', { kind: 'no-route' }],
    ['ENETDOWN', { kind: 'no-route' }],
    ['EACCES', { kind: 'not-allowed' }],
    ['EPERM', { kind: 'not-allowed' }],
    ['ECONNRESET', { kind: 'hung-up' }],
    ['EMFILE', { kind: 'unknown', code: 'EMFILE' }],
    ['constructor', { kind: 'unknown', code: 'constructor' }],
  ])('%s', (code, trouble) => {
    expect(classifyDial(failed(code), CONNECTING)).toEqual(trouble)
  })

  test('the deadline', () => {
    expect(classifyDial(new Error('aborted'), { ...CONNECTING, end: 'late' })).toEqual({ kind: 'no-answer' })
  })

  test('of a host with several addresses the one that tells most', () => {
    const all = new AggregateError([failed('ENETUNREACH'), failed('ETIMEDOUT'), failed('ECONNREFUSED')])
    expect(classifyDial(all, CONNECTING)).toEqual({ kind: 'refused' })
    expect(classifyDial(new AggregateError([]), CONNECTING)).toEqual({ kind: 'unknown' })
  })

  test.each([undefined, null, 'a text', 7, { code: 7 }])('what is no error at all: %o', cause => {
    expect(classifyDial(cause, CONNECTING)).toEqual({ kind: 'unknown' })
  })
})

describe('once there is one', () => {
  test.each([
    [{ end: 'late' }, 'silent'],
    [{ end: 'hung-up' }, 'hung-up'],
    [{ heard: 'something-else' }, 'not-libp2p'],
    [{ heard: 'something-else', end: 'hung-up' }, 'not-libp2p'],
    [{ heard: 'something-else', end: 'late' }, 'not-libp2p'],
    [{ heard: 'libp2p', end: 'late' }, 'silent'],
    [{ heard: 'libp2p', end: 'hung-up' }, 'hung-up'],
    [{ heard: 'libp2p', end: 'failed' }, 'not-libp2p'],
  ] as const)('%o', (change, kind) => {
    expect(classifyDial(new Error('encryption failed'), { ...HANDSHAKE, ...change })).toEqual({ kind })
  })

  test('its own address', () => {
    const cause = new InvalidPeerIdError('Can not dial self')
    expect(classifyDial(cause, { ...HANDSHAKE, heard: 'libp2p', end: 'hung-up' })).toEqual({
      kind: 'own-address',
    })
  })
})

test('an error of a dial keeps what it means, and the codes of its cause', () => {
  const error = new DialError({ kind: 'silent' }, failed('EADDRINUSE'))
  expect(classifyError(error)).toEqual({ kind: 'silent' })
  expect(errorCodes(error)).toEqual(['EADDRINUSE'])
})
