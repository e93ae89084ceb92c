/**
 * The test vectors of the protocol: the committed file is what the program makes today, other libraries than the
 * program's own code come to the same bytes, the decoders take and refuse what they must, and docs/protocol.md quotes
 * nothing else. When the protocol changed on purpose: `node scripts/vectors.ts`, then the quotes in the document.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromString } from '@libp2p/peer-id'
import { decode, encode } from 'cborg'
import { describe, expect, test } from 'vitest'
import { makeVectors, renderVectors, VECTORS_FILE } from '../../scripts/vectors.ts'
import { nodeCrypto } from '../../src/chat/node-crypto.ts'
import { openPeerRecord } from '../../src/network/discovery/peer-record.ts'
import { decodeBeacon, isAuthenticBeacon } from '../../src/protocol/beacon.ts'
import { decodeCbor } from '../../src/protocol/cbor.ts'
import { contentOf } from '../../src/protocol/content.ts'
import { decodeEnvelope, isAuthentic } from '../../src/protocol/envelope.ts'
import { decodeFrame, encodeFrame } from '../../src/protocol/frame.ts'
import type { LogId, PeerKey, RoomId } from '../../src/protocol/ids.ts'
import { fromHex, toHex } from '../../src/protocol/ids.ts'
import { decode as decodeRendezvous, encode as encodeRendezvous } from '../../src/protocol/rendezvous.ts'
import { decodeSync, encodeSync } from '../../src/protocol/sync-message.ts'
import { messageStateOf } from '../../src/room/messages/amendments.ts'
import { checkRoom } from '../../src/room/names/names.ts'
import { Room } from '../../src/room/room.ts'
import { MemoryLog } from '../support/memory-log/memory-log.ts'

const PROTOCOL_FILE = new URL('../../docs/protocol.md', import.meta.url)
/** RFC 8410: what stands before the 32 bytes of an Ed25519 public key in its DER form. */
const SPKI_PREFIX = '302a300506032b6570032100'

const vectors = makeVectors()
const crypto = nodeCrypto()
const [lobby] = vectors.rooms
const ROOM = lobby?.id as RoomId
const messages = Object.entries(vectors.messages)

const sha256 = (hex: string) => createHash('sha256').update(fromHex(hex)).digest('hex')

test('the committed file is up to date: run node scripts/vectors.ts', async () => {
  expect(await readFile(VECTORS_FILE, 'utf8')).toBe(renderVectors())
})

describe('by other means than the program', () => {
  test.each(vectors.identities)('the identity of $name', ({ publicKey, peerId, identityFile, seed }) => {
    const key = privateKeyFromProtobuf(fromHex(identityFile))
    expect(toHex(key.publicKey.raw)).toBe(publicKey)
    expect(toHex(key.raw.subarray(0, 32))).toBe(seed)
    expect(peerIdFromString(peerId).publicKey?.equals(key.publicKey)).toBe(true)
  })

  test.each(vectors.rooms)('the room $name', ({ typed, name, id, hashed }) => {
    expect(sha256(hashed).slice(0, 32)).toBe(id)
    expect(Buffer.from(hashed, 'hex').toString()).toBe(`parley/1/room\0${name}`)
    expect(checkRoom(typed)).toEqual({ kind: 'valid', room: name })
  })

  const signed = [...messages, ...Object.entries(vectors.beacons).filter(([name]) => name !== 'addresses')]
  test.each(signed)('the signature of %s', (_, described) => {
    const { fields, core, signed: bytes, signature, wire } = described as (typeof vectors.messages)['hello']
    const der = Buffer.from(SPKI_PREFIX + fields.author, 'hex')
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    expect(verify(null, fromHex(bytes), key, fromHex(signature))).toBe(true)
    expect(wire).toBe(core + signature)
    expect(bytes.endsWith(core)).toBe(true)
  })

  test.each(messages)('the core and the id of %s', (_, { fields, core, wire, id }) => {
    const hex = (value: Uint8Array | null) => value && toHex(value)
    const [type, room, author, log, seq, prev, ts, deps, kind] = decode(fromHex(core))
    expect(type).toBe(1)
    expect([room, author, log, prev].map(hex)).toEqual([fields.room, fields.author, fields.log, fields.prev])
    expect([seq, ts, kind]).toEqual([fields.seq, fields.ts, fields.kind])
    expect(deps.map(hex)).toEqual(fields.deps)
    expect(sha256(wire)).toBe(id)
  })

  test('the digests of frontiers', () => {
    const { empty, talk } = vectors.frontiers
    expect([sha256(empty.cbor), sha256(talk.cbor)]).toEqual([empty.digest, talk.digest])
  })

  test('the salt of an exchange, its marks and its prints', () => {
    const { opener, answerer, salt, marks, prints } = vectors.comparing
    expect(sha256(opener + answerer)).toBe(salt)
    const { empty, talk } = vectors.frontiers
    expect([prints.nothing, prints.both]).toEqual(
      [empty.digest, talk.digest].map(digest => digest.slice(0, 32)),
    )
    const encoded = decode(fromHex(talk.cbor)).map((chain: unknown) => toHex(encode(chain)))
    expect(marks.map(({ mark }) => mark)).toEqual(
      encoded.map((chain: string) => sha256(salt + chain).slice(0, 12)),
    )
  })
})

describe('the decoders', () => {
  test.each(vectors.cbor.accepted)('take $hex: $about', ({ hex }) => {
    expect(decodeCbor(fromHex(hex)).kind).toBe('value')
  })

  test.each(vectors.cbor.refused)('refuse $hex: $about', ({ hex }) => {
    expect(decodeCbor(fromHex(hex)).kind).toBe('malformed')
  })

  test.each(messages)('read the message %s', (name, { wire, id, fields }) => {
    const envelope = decodeEnvelope(fromHex(wire), crypto)
    if (envelope === undefined) throw new Error('not a message')
    expect(isAuthentic(envelope, crypto)).toBe(true)
    expect(envelope).toMatchObject({ id, room: fields.room, seq: fields.seq, prev: fields.prev })
    const kinds: Record<string, string> = {
      ...{ wave: 'action', future: 'unknown', answer: 'reply', output: 'code' },
      ...{ edit: 'edit', deletion: 'deletion', reaction: 'reaction' },
    }
    expect(contentOf(envelope).kind).toBe(kinds[name] ?? 'text')
  })

  test.each([vectors.beacons.here, vectors.beacons.leaving])('read the beacon of $fields.name', beacon => {
    const wire = fromHex(beacon.wire)
    const decoded = decodeBeacon(wire)
    expect(decoded).toEqual(beacon.fields)
    expect(decoded && isAuthenticBeacon(decoded, wire, crypto)).toBe(true)
  })

  test.each(Object.values(vectors.frames))('read the frame: $about', ({ payload, records }) => {
    expect(decodeFrame(fromHex(payload))?.map(toHex)).toEqual(records)
    expect(toHex(encodeFrame(records.map(fromHex)))).toBe(payload)
  })

  test.each(Object.entries(vectors.sync))('read the sync message %s', (_, { message }) => {
    const decoded = decodeSync(fromHex(message))
    expect(decoded && toHex(encodeSync(decoded))).toBe(message)
  })

  test.each(Object.entries(vectors.rendezvous.messages))('read the rendezvous message %s', (_, hex) => {
    const decoded = decodeRendezvous(fromHex(hex))
    if (decoded.kind !== 'message') throw new Error('not a message')
    expect(toHex(encodeRendezvous(decoded.message))).toBe(hex)
  })

  test('open the peer record', async () => {
    const { envelope, address, seq } = vectors.rendezvous.peerRecord
    const opened = await openPeerRecord(fromHex(envelope), new AbortController().signal)
    if (opened.kind !== 'record') throw new Error('not a record')
    expect(opened.record.seq).toBe(seq)
    expect(opened.record.peerId.toString()).toBe(vectors.identities[0]?.peerId)
    expect(opened.record.addresses.map(String)).toEqual([`${address}/p2p/${opened.record.peerId}`])
  })
})

describe('a room', () => {
  test.each(vectors.verdicts)('$verdict: $about', ({ verdict, before, payload }) => {
    const room = openRoom().room
    if (before !== '') expect(verdictOn(room, before)).toBe('accept')
    expect(verdictOn(room, payload)).toBe(verdict)
  })

  test('keeps the same of a forked chain in whatever order it comes', () => {
    const { wires, kept } = vectors.fork
    const [root = '', ...branches] = wires
    for (const order of [branches, branches.toReversed()]) {
      const { room, log } = openRoom()
      for (const wire of [root, ...order]) verdictOn(room, toHex(encodeFrame([fromHex(wire)])))
      expect(
        log
          .latest(wires.length)
          .map(entry => entry.envelope.id as string)
          .sort(),
      ).toEqual(kept.toSorted())
    }
  })
})

describe('what becomes of a talk', () => {
  const { wires, said } = vectors.amendments

  test.each([wires, wires.toReversed()])('is the same in any order', (...order) => {
    const all = order.flatMap(wire => decodeEnvelope(fromHex(wire), crypto) ?? [])
    expect(all.length).toBe(wires.length)
    for (const { id, text, editedBy, deletedBy, reactions } of said) {
      const message = all.find(one => one.id === id)
      const standing = message && messageStateOf(message, all)
      expect(standing?.said.text).toBe(text)
      expect([standing?.edited?.id ?? null, standing?.deleted?.id ?? null]).toEqual([editedBy, deletedBy])
      expect(standing?.reactions.map(({ author, emoji }) => ({ author, emoji }))).toEqual(reactions)
    }
  })

  test('is held by a room that hears it', () => {
    const { room } = openRoom()
    for (const wire of wires) verdictOn(room, toHex(encodeFrame([fromHex(wire)])))
    for (const { id, text } of said) expect(room.find(id)?.state.said.text).toBe(text)
  })
})

describe('docs/protocol.md', async () => {
  const text = await readFile(PROTOCOL_FILE, 'utf8')
  const quotes = [...text.matchAll(/^```hex (\S+)\n(.*?)^```/gms)]

  test('quotes some', () => {
    expect(quotes.length).toBeGreaterThan(5)
  })

  test.each(quotes.map(([, path = '', body = '']) => ({ path, body })))('quotes $path', ({ path, body }) => {
    const hex = body.replaceAll(/;.*$/gm, '').replaceAll(/\s/g, '')
    expect(hex).toBe(
      path.split('.').reduce<unknown>((value, key) => Reflect.get(Object(value), key), vectors),
    )
  })

  test('has no other long hex', () => {
    const known = JSON.stringify(vectors)
    const others = text.replaceAll(/^```hex .*?^```/gms, '').match(/\b[0-9a-f]{16,}\b/g) ?? []
    expect(others.filter(hex => !known.includes(hex))).toEqual([])
  })
})

/** A room that nobody has spoken in, of somebody who isn't in the vectors. */
function openRoom() {
  const log = new MemoryLog('cc'.repeat(8) as LogId)
  const signer = { author: 'ee'.repeat(32) as PeerKey, sign: () => new Uint8Array(64) }
  const room = new Room(
    { id: ROOM, name: 'carol', lostAfterMs: 1 },
    { log, signer, crypto, random: () => 0.5 },
  )
  return { room, log }
}

/** Whether it need be passed on is no part of the law. */
function verdictOn(room: Room, payload: string): string | undefined {
  const event = { kind: 'frame', from: 'dd'.repeat(32) as PeerKey, payload: fromHex(payload) } as const
  const effects = room.handle(event, { steady: 0, wall: vectors.now })
  const verdict = effects.find(effect => effect.kind === 'verdict')?.verdict
  return (verdict as string) === 'keep' ? 'accept' : verdict
}
