/** Mistakes that somebody could make, each as one change of the source. */
export interface Mutation {
  readonly name: string
  readonly file: string
  /** What stands there once. */
  readonly from: string
  readonly to: string
  /** Why nothing can notice it. */
  readonly survives?: string
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'it is published and shown before the commit',
    file: 'src/chat/event-loop.ts',
    from: 'for (const participant of participants) participant.end()\n',
    to: 'for (const participant of participants) participant.end()\n      for (const participant of participants) participant.perform()\n',
  },
  {
    name: 'signatures are not checked',
    file: 'src/protocol/envelope.ts',
    from: 'return crypto.verify(envelope.author, signed, wire.subarray(-SIGNATURE_BYTES))',
    to: 'return crypto.verify(envelope.author, signed, wire.subarray(-SIGNATURE_BYTES)) || true',
  },
  {
    name: 'messages of another room are taken in',
    file: 'src/room/validation/records.ts',
    from: "if (envelope.room !== room) return malformed('a message is of another room')",
    to: '',
  },
  {
    name: 'a predecessor needn’t be there',
    file: 'src/room/messages/chain.ts',
    from: "if (parent === undefined) return { kind: 'gap', missing: prev }",
    to: 'if (parent === undefined) return fitPlace(log, id, envelope)',
  },
  {
    name: 'of a fork the first ones seen are kept',
    file: 'src/room/messages/chain.ts',
    from: 'const displaced = largest !== undefined && largest.envelope.id < envelope.id',
    to: 'const displaced = largest !== undefined',
  },
  {
    name: 'the tail of a fork has no end',
    file: 'src/room/messages/chains.ts',
    from: 'return chain?.forkedAt !== undefined && seq > chain.forkedAt + FORK_TAIL',
    to: 'return false',
  },
  {
    name: 'the clock of a message may go back',
    file: 'src/room/messages/author.ts',
    from: 'ts: Math.max(now.wall, (last?.ts ?? 0) + 1, this.#floor(now) + 1),',
    to: 'ts: now.wall,',
  },
  {
    name: 'others’ clocks count only while they are close',
    file: 'src/room/messages/author.ts',
    from: 'ts: Math.max(now.wall, (last?.ts ?? 0) + 1, this.#floor(now) + 1),',
    to: 'ts: Math.max(now.wall, (last?.ts ?? 0) + 1, this.#floor(now) < now.wall + 1_000 ? this.#floor(now) + 1 : 0),',
  },
  {
    name: 'messages from the future are taken in at once',
    file: 'src/room/validation/append.ts',
    from: 'const horizon = now.wall + MAX_FUTURE_MS',
    to: 'const horizon = Number.POSITIVE_INFINITY',
  },
  {
    name: 'what waited for its time is judged one by one',
    file: 'src/room/validation/append.ts',
    from: "for (const entry of due) this.place(entry, { via: 'sync', now }, found)",
    to: "for (const entry of due) {\n      this.place(entry, { via: 'sync', now }, found)\n      this.settle(entry.envelope, found)\n    }",
  },
  {
    name: 'a receipt is taken for one message more',
    file: 'src/room/presence-handlers.ts',
    from: 'onHeld(room, author, chainId(ack.author, ack.log), ack.seq + 1)',
    to: 'onHeld(room, author, chainId(ack.author, ack.log), ack.seq + 2)',
  },
  {
    name: 'whoever claims a head of mine is believed to hold it',
    file: 'src/room/message-handlers.ts',
    from: 'return room.log.holds({ ...chain, ...head }) ? onHeld(',
    to: 'return chain.heads.length > 0 ? onHeld(',
    survives:
      'an honest partner holds what it says, and a liar can as well name the right head; it matters only for a forked own chain',
  },
  {
    name: 'a chain is asked for from one place too late',
    file: 'src/protocol/frontier.ts',
    from: 'if (!isForked && lowest >= after) return after\n',
    to: 'if (!isForked && lowest >= after) return after + 1\n',
  },
  {
    name: 'each part of a chain begins one place too late',
    file: 'src/room/sync/responder.ts',
    from: 'seq = last.seq + 1',
    to: 'seq = last.seq + 2',
  },
  {
    name: 'what was put by is never placed',
    file: 'src/room/validation/pending-messages.ts',
    from: 'flatMap(waiting => this.#remove(waiting) ?? [])',
    to: 'flatMap(waiting => (this.#fresh.has(waiting) ? (this.#remove(waiting) ?? []) : []))',
  },
  {
    name: 'a pruned chain says to begin one place too early',
    file: 'src/room/messages/chains.ts',
    from: 'if (chain !== undefined) this.#put(prunedTo(chain, base))',
    to: 'if (chain !== undefined) this.#put(prunedTo(chain, base - 1))',
  },
  {
    name: 'own messages are pruned that nobody else holds',
    file: 'src/room/message-handlers.ts',
    from: 'chain => own.get(chain) ?? Number.POSITIVE_INFINITY, PRUNE_COUNT',
    to: '() => Number.POSITIVE_INFINITY, PRUNE_COUNT',
  },
  {
    name: 'a restored log goes on in its old chain',
    file: 'src/room/messages/author.ts',
    from: 'if (this.chain === chainId(author, log)) this.#renew(id)',
    to: '',
  },
  {
    name: 'old beacons count again',
    file: 'src/room/presence/members.ts',
    from: 'if (known !== undefined && beacon.stamp <= known.beacon.stamp) return false',
    to: '',
  },
  {
    name: 'there are no quotas',
    file: 'src/room/validation/validator.ts',
    from: 'return log.bytesOf(author) >= AUTHOR_QUOTA_BYTES || chains.bytes >= ROOM_QUOTA_BYTES',
    to: 'return log.bytesOf(author) < 0 && chains.bytes >= ROOM_QUOTA_BYTES * AUTHOR_QUOTA_BYTES',
  },
  {
    name: 'there are no rate limits',
    file: 'src/common/rate-limit.ts',
    from: 'if (this.readyAt(now) > now) return false',
    to: '',
  },
  {
    name: 'as many messages may wait as anybody likes',
    file: 'src/room/validation/pending-messages.ts',
    from: 'while (this.#byId.size > WAITING_COUNT || this.#bytes > WAITING_BYTES) this.#dropOldest()',
    to: 'while (this.#byId.size > 100 * WAITING_COUNT) this.#dropOldest()',
  },
  {
    name: 'late messages are the new ones',
    file: 'src/room/timeline.ts',
    from: "compare(envelope, this.#last) < 0 ? 'late' : 'newest'",
    to: "compare(envelope, this.#last) > 0 ? 'late' : 'newest'",
  },
  {
    name: 'what a refused turn showed counts as shown',
    file: 'src/room/timeline.ts',
    from: '    this.#last = last\n',
    to: '',
  },
  {
    name: 'a refused turn stays in memory',
    file: 'src/room/state.ts',
    from: '  room.chains.reload()\n',
    to: '',
  },
  {
    name: 'digests that differ are not looked into',
    file: 'src/room/sync/scheduler.ts',
    from: '} else if (!this.#asks.has(peer)) {',
    to: '} else if (PEOPLE_COUNT < 0) {',
  },
  {
    name: 'a gap below what was pruned is asked for',
    file: 'src/room/validation/append.ts',
    from: 'if (isGone || this.waiting.has(missing)) return',
    to: 'if (this.waiting.has(missing)) return',
    survives: 'what can’t be filled is asked for ever more rarely all the same: see the next one',
  },
  {
    name: 'a gap is asked for as often whatever comes of it',
    file: 'src/room/sync/scheduler.ts',
    from: 'const vain = this.#asks.movedAt > endedAt ? failures : Math.max(failures, fruitless - 1)',
    to: 'const vain = failures',
  },
  {
    name: 'a clock set back counts only once its old connection is known to be gone',
    file: 'src/room/presence/members.ts',
    from: '    this.#linked.set(key, this.#people.get(key)?.beacon.stamp ?? -1)',
    to: '    if (!this.#linked.has(key)) this.#linked.set(key, this.#people.get(key)?.beacon.stamp ?? -1)',
  },
  {
    name: 'what is before a beginning is not asked for any more',
    file: 'src/room/messages/missing-prefixes.ts',
    from: 'if (this.#lacking.size === 0) return []',
    to: 'if (ts < Number.POSITIVE_INFINITY) return []',
  },
  {
    name: 'what this peer let go itself is asked for again',
    file: 'src/room/messages/missing-prefixes.ts',
    from: 'return { ...rest, ...beginning(Math.max(base, place), Math.max(lacksFrom ?? base, place)) }',
    to: 'return { ...rest, ...beginning(Math.max(base, place), 0) }',
  },
  {
    name: 'before a beginning comes whatever is of its chain',
    file: 'src/room/messages/missing-prefixes.ts',
    from: 'if (chain === undefined || this.#lackOf(id)?.id !== last.id) return { placed: [] }',
    to: 'if (chain === undefined || this.#lackOf(id) === undefined) return { placed: [] }',
  },
  {
    name: 'what a chain begins with goes on waiting',
    file: 'src/room/validation/append.ts',
    from: '        this.waiting.drop(envelope.id)\n',
    to: '',
  },
  {
    name: 'anybody edits and deletes what others said',
    file: 'src/room/messages/amendments.ts',
    from: 'const own = all.filter(one => one.author === message.author)',
    to: 'const own = all',
  },
  {
    name: 'others’ edits and deletions are looked up',
    file: 'src/room/messages/amendments.ts',
    from: 'return log.references({ ref, kind, author, count: 1 }).toSorted(compare).at(-1)',
    to: "return log.references({ ref, kind, author: ref === '' ? author : undefined, count: 1 }).toSorted(compare).at(-1)",
  },
  {
    name: 'reactions stand in the order in which they came',
    file: 'src/room/messages/amendments.ts',
    from: 'const all = [...new Map([...referring].map(one => [one.id, one])).values()].sort(compare)',
    to: 'const all = [...new Map([...referring].map(one => [one.id, one])).values()]',
  },
  {
    name: 'the edit that came last stands',
    file: 'test/support/memory-log/memory-log.ts',
    from: 'Map.groupBy(wanted.toSorted(compare), one => one.author)',
    to: 'Map.groupBy(wanted, one => one.author)',
  },
  {
    name: 'a later edit undoes a deletion',
    file: 'src/room/messages/amendments.ts',
    from: 'if (deletion !== undefined) return messageStateOf(message, [deletion])\n  const edit = newestOwn(message, KIND.edit, log)',
    to: 'const edit = newestOwn(message, KIND.edit, log)\n  if (deletion !== undefined && (edit?.ts ?? 0) < deletion.ts) return messageStateOf(message, [deletion])',
  },
  {
    name: 'an edit is told that came after a deletion',
    file: 'src/room/messages/amendments.ts',
    from: 'return deletion === undefined && newestOwn(message, KIND.edit, log)?.id === by.id',
    to: 'return newestOwn(message, KIND.edit, log)?.id === by.id',
  },
  {
    name: 'an edit is told that a later one displaced',
    file: 'src/room/messages/amendments.ts',
    from: 'return deletion === undefined && newestOwn(message, KIND.edit, log)?.id === by.id',
    to: 'return deletion === undefined && by.author === message.author',
  },
  {
    name: 'a change that is put by doesn’t count',
    file: 'src/room/messages/message-view.ts',
    from: 'this.#references = together(log, waiting.references)',
    to: 'this.#references = log',
  },
  {
    name: 'what a refused turn told of a message counts as told',
    file: 'src/room/timeline.ts',
    from: '    this.#told.reload()\n',
    to: '',
  },
  {
    name: 'what is put by is taken out when what is before it comes and waits',
    file: 'src/room/validation/append.ts',
    from: "if (put.kind === 'here') queue.push",
    to: "if (put.kind !== 'wrong') queue.push",
  },
]
