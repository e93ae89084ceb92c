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
    name: 'messages are published and shown before the commit',
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
    name: 'messages of another room are accepted',
    file: 'src/room/validation/records.ts',
    from: "if (envelope.room !== room) return malformed('a message is of another room')",
    to: '',
  },
  {
    name: 'a predecessor need not exist',
    file: 'src/room/messages/chain.ts',
    from: "if (parent === undefined) return { kind: 'gap', missing: prev }",
    to: 'if (parent === undefined) return fitPlace(log, id, envelope)',
  },
  {
    name: 'a fork keeps the messages seen first',
    file: 'src/room/messages/chain.ts',
    from: 'const displaced = largest !== undefined && largest.envelope.id < envelope.id',
    to: 'const displaced = largest !== undefined',
  },
  {
    name: 'a fork’s tail is unbounded',
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
    name: 'the hybrid clock ignores distant timestamps',
    file: 'src/room/messages/author.ts',
    from: 'ts: Math.max(now.wall, (last?.ts ?? 0) + 1, this.#floor(now) + 1),',
    to: 'ts: Math.max(now.wall, (last?.ts ?? 0) + 1, this.#floor(now) < now.wall + 1_000 ? this.#floor(now) + 1 : 0),',
  },
  {
    name: 'future messages are accepted at once',
    file: 'src/room/validation/append.ts',
    from: 'const horizon = now.wall + MAX_FUTURE_MS',
    to: 'const horizon = Number.POSITIVE_INFINITY',
  },
  {
    name: 'future messages are validated one by one',
    file: 'src/room/validation/append.ts',
    from: "for (const entry of due) this.append(entry, { via: 'sync', now }, found)",
    to: "for (const entry of due) {\n      this.append(entry, { via: 'sync', now }, found)\n      this.checkEnd(entry.envelope, found)\n    }",
  },
  {
    name: 'a receipt covers one message too many',
    file: 'src/room/presence-handlers.ts',
    from: 'onAcknowledged(room, author, chainId(ack.author, ack.log), ack.seq + 1)',
    to: 'onAcknowledged(room, author, chainId(ack.author, ack.log), ack.seq + 2)',
  },
  {
    name: 'a claimed head of an own chain is believed',
    file: 'src/room/message-handlers.ts',
    from: 'if (head === undefined || !room.log.holds({ ...theirs, ...head })) return 0',
    to: 'if (head === undefined) return 0',
    survives:
      'an honest partner holds what it claims, and a liar can name the right head as well; it matters only for a forked own chain',
  },
  {
    name: 'a chain is requested from one place too late',
    file: 'src/protocol/frontier.ts',
    from: 'if (!isForked && lowest >= after) return after\n',
    to: 'if (!isForked && lowest >= after) return after + 1\n',
  },
  {
    name: 'each part of a chain starts one place too late',
    file: 'src/room/sync/responder.ts',
    from: 'seq = last.seq + 1',
    to: 'seq = last.seq + 2',
  },
  {
    name: 'stored pending messages are never appended',
    file: 'src/room/validation/pending-messages.ts',
    from: 'flatMap(waiting => this.#remove(waiting) ?? [])',
    to: 'flatMap(waiting => (this.#unstored.has(waiting) ? (this.#remove(waiting) ?? []) : []))',
  },
  {
    name: 'a pruned chain’s base is one place too low',
    file: 'src/room/messages/chains.ts',
    from: 'if (chain !== undefined) this.#saveChain(prunedTo(chain, base))',
    to: 'if (chain !== undefined) this.#saveChain(prunedTo(chain, base - 1))',
  },
  {
    name: 'own messages that no one else holds are pruned',
    file: 'src/room/message-handlers.ts',
    from: 'chain => own.get(chain) ?? Number.POSITIVE_INFINITY, PRUNE_COUNT',
    to: '() => Number.POSITIVE_INFINITY, PRUNE_COUNT',
  },
  {
    name: 'a restored log continues its old chain',
    file: 'src/room/messages/author.ts',
    from: 'if (this.chain === chainId(author, log)) this.#startNewChain(id)',
    to: '',
  },
  {
    name: 'old beacons count as new',
    file: 'src/room/presence/members.ts',
    from: 'if (known === undefined || stamp > known.beacon.stamp)\n',
    to: 'if (stamp > 0)\n',
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
    name: 'pending messages are unbounded',
    file: 'src/room/validation/pending-messages.ts',
    from: 'while (this.#byId.size > PENDING_COUNT || this.#bytes > PENDING_BYTES) this.#dropOldest()',
    to: 'while (this.#byId.size > 100 * PENDING_COUNT) this.#dropOldest()',
  },
  {
    name: 'late marks are inverted',
    file: 'src/room/timeline.ts',
    from: "compare(envelope, this.#last) < 0 ? 'late' : 'newest'",
    to: "compare(envelope, this.#last) > 0 ? 'late' : 'newest'",
  },
  {
    name: 'messages shown in a failed turn count as shown',
    file: 'src/room/timeline.ts',
    from: '    this.#last = last\n',
    to: '',
  },
  {
    name: 'a failed turn stays in memory',
    file: 'src/room/state.ts',
    from: '  room.chains.reload()\n',
    to: '',
  },
  {
    name: 'different digests cause no session',
    file: 'src/room/sync/scheduler.ts',
    from: 'if (!this.#planned.has(peer)) {',
    to: 'if (MEMBER_COUNT < 0) {',
  },
  {
    name: 'a gap below the base is requested',
    file: 'src/room/validation/append.ts',
    from: 'if (isGone || this.pending.has(missing)) return',
    to: 'if (this.pending.has(missing)) return',
    survives: 'what can’t be filled is asked for ever more rarely all the same: see the next one',
  },
  {
    name: 'a gap is requested without backoff',
    file: 'src/room/sync/scheduler.ts',
    from: 'const vain = this.#planned.acceptedAt > endedAt ? failures : Math.max(failures, fruitless - 1)',
    to: 'const vain = failures',
  },
  {
    name: 'a replaced link keeps its old beacon stamp',
    file: 'src/room/presence/members.ts',
    from: '    this.#linked.set(key, this.#members.get(key)?.beacon.stamp ?? -1)',
    to: '    if (!this.#linked.has(key)) this.#linked.set(key, this.#members.get(key)?.beacon.stamp ?? -1)',
  },
  {
    name: 'missing prefixes are not requested any more',
    file: 'src/room/messages/missing-prefixes.ts',
    from: 'if (this.#prefixes.size === 0) return []',
    to: 'if (ts < Number.POSITIVE_INFINITY) return []',
  },
  {
    name: 'messages pruned here are requested again',
    file: 'src/room/messages/missing-prefixes.ts',
    from: 'return { ...rest, ...chainStart(Math.max(base, place), Math.max(lacksFrom ?? base, place)) }',
    to: 'return { ...rest, ...chainStart(Math.max(base, place), 0) }',
  },
  {
    name: 'any message of a chain is inserted before its base',
    file: 'src/room/messages/missing-prefixes.ts',
    from: 'if (chain === undefined || this.#prefixOf(id)?.id !== last.id) return { messages: [] }',
    to: 'if (chain === undefined || this.#prefixOf(id) === undefined) return { messages: [] }',
  },
  {
    name: 'the message that starts a chain stays pending',
    file: 'src/room/validation/append.ts',
    from: '        this.pending.drop(envelope.id)\n',
    to: '',
  },
  {
    name: 'anyone edits and deletes others’ messages',
    file: 'src/room/messages/amendments.ts',
    from: 'const own = all.filter(one => one.author === message.author)',
    to: 'const own = all',
  },
  {
    name: 'others’ edits and deletions are looked up, too',
    file: 'src/room/messages/amendments.ts',
    from: 'return log.amendmentsOf({ ref, kind, author, count: 1 }).toSorted(compare).at(-1)',
    to: "return log.amendmentsOf({ ref, kind, author: ref === '' ? author : undefined, count: 1 }).toSorted(compare).at(-1)",
  },
  {
    name: 'reactions are in order of arrival',
    file: 'src/room/messages/amendments.ts',
    from: 'const all = [...new Map([...referring].map(one => [one.id, one])).values()].sort(compare)',
    to: 'const all = [...new Map([...referring].map(one => [one.id, one])).values()]',
  },
  {
    name: 'the edit that arrives last wins',
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
    name: 'an edit after a deletion is reported',
    file: 'src/room/messages/amendments.ts',
    from: 'return deletion === undefined && newestOwn(message, KIND.edit, log)?.id === by.id',
    to: 'return newestOwn(message, KIND.edit, log)?.id === by.id',
  },
  {
    name: 'an overridden edit is reported',
    file: 'src/room/messages/amendments.ts',
    from: 'return deletion === undefined && newestOwn(message, KIND.edit, log)?.id === by.id',
    to: 'return deletion === undefined && by.author === message.author',
  },
  {
    name: 'a pending amendment has no effect',
    file: 'src/room/messages/message-view.ts',
    from: 'this.#amendments = joinedIndex(log, waiting.amendments)',
    to: 'this.#amendments = log',
  },
  {
    name: 'amendments reported in a failed turn count as reported',
    file: 'src/room/timeline.ts',
    from: '    this.#reported.reload()\n',
    to: '',
  },
  {
    name: 'a stored pending message is removed when its predecessor becomes pending, too',
    file: 'src/room/validation/append.ts',
    from: "if (put.kind === 'here') queue.push",
    to: "if (put.kind !== 'wrong') queue.push",
  },
]
