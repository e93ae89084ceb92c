/**
 * Rooms to synchronise: histories of which somebody lacks something, and data folders that hold them, made once for
 * a run. Programs get copies, so that each round begins from the same.
 */
import { copyFileSync, mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { nodeCrypto } from '../src/chat/node-crypto.ts'
import { roomIdOf } from '../src/protocol/rooms.ts'
import type { Entry } from '../src/room/log.ts'
import type { LogStore } from '../src/storage/log/log-store.ts'
import { openLogStore } from '../src/storage/log/sqlite/store.ts'
import { fill, logSink } from './fill.ts'
import type { History } from './messages.ts'
import { chainNumber, messagesOf } from './messages.ts'
import { ROOM_NAME } from './system.ts'

const LOG_FILE = 'log.db'

/** One room, and what somebody lacks of it. */
export interface Case {
  readonly name: string
  readonly history: Omit<History, 'room'>
  /** So many of the chains lack their last `history.cut` messages; all of them lack everything. */
  readonly lacking: number | 'everything'
}

/** A room of so many messages with much missing, little, and little of very many chains. */
export function casesOf(messages: number): { readonly cold: Case; readonly partial: readonly Case[] } {
  const few = { chains: 20, each: messages / 20, cut: messages / 100 }
  const some = { chains: messages / 100, each: 100, cut: 10 }
  const many = { chains: messages / 10, each: 10, cut: 1 }
  const counted = (count: number): string => count.toLocaleString('en-US')
  const changed = [many.chains / 100, many.chains / 10]
  return {
    cold: { name: 'everything', history: few, lacking: 'everything' },
    partial: [
      { name: '20 chains, 1 lacks its tail', history: few, lacking: 1 },
      {
        name: `${counted(some.chains)} chains, ${counted(some.chains / 10)} lack 10`,
        history: some,
        lacking: some.chains / 10,
      },
      ...changed.map(lacking => ({
        name: `${counted(many.chains)} chains, ${counted(lacking)} lack 1`,
        history: many,
        lacking,
      })),
    ],
  }
}

/** How many messages are missing. */
export function missingOf({ history: { chains, each, cut }, lacking }: Case): number {
  return lacking === 'everything' ? chains * each : lacking * cut
}

/** True for messages that are there all the same. The chains that lack something lie evenly between the others. */
export function isThere({ history: { chains, each, cut }, lacking }: Case, { envelope }: Entry): boolean {
  if (lacking === 'everything') return false
  const chain = chainNumber(envelope)
  const stride = Math.floor(chains / lacking)
  const lacks = chain % stride === 0 && chain / stride < lacking
  return !lacks || envelope.seq < each - cut
}

/** Data folders for one case: each call makes a new one. */
export interface Stock {
  /** With all messages. */
  readonly whole: () => Promise<string>
  /** With those that are there. */
  readonly partial: () => Promise<string>
  /** Of all messages. */
  readonly bytes: number
}

/** Makes the logs of a case in a folder, which need not be there. */
export async function makeStock(place: string, one: Case): Promise<Stock> {
  const room = roomIdOf(ROOM_NAME, nodeCrypto())
  const [whole, partial] = [join(place, 'whole'), join(place, 'partial')]
  const [wholeStore, partialStore] = [await openStore(whole), await openStore(partial)]
  const sinks = [
    logSink(wholeStore.room(room, ROOM_NAME)),
    logSink(partialStore.room(room, ROOM_NAME), entry => isThere(one, entry)),
  ]
  const { bytes } = fill(messagesOf({ ...one.history, room }), sinks)
  wholeStore.close()
  partialStore.close()
  return { bytes, whole: () => copyOf(place, whole), partial: () => copyOf(place, partial) }
}

/** A program that opened the copy first would find out that it is one, and check all of it. */
async function copyOf(place: string, folder: string): Promise<string> {
  const copy = mkdtempSync(join(place, 'copy-'))
  copyFileSync(join(folder, LOG_FILE), join(copy, LOG_FILE))
  const store = await openStore(copy)
  store.close()
  return copy
}

/** How many messages the log in a folder has. */
export async function countOf(folder: string): Promise<number> {
  const store = await openStore(folder)
  const count = store.archive.rooms().reduce((sum, { messages }) => sum + messages, 0)
  store.close()
  return count
}

async function openStore(folder: string): Promise<LogStore> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { store } = await openLogStore(folder, { crypto: nodeCrypto() })
  return store
}
