/**
 * Whether messages are what became of them: only their authors change them, everybody comes to the same, whatever came
 * first, a screen that follows the notices shows it, and whoever reads the log anew finds it again.
 */

import { amendmentIn, isAmending, saidIn } from '../../src/protocol/content.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import type { MessageId, PeerKey } from '../../src/protocol/ids.ts'
import type { MessageWithState } from '../../src/room/events.ts'
import type { MessageState } from '../../src/room/messages/amendments.ts'
import { MessageView } from '../../src/room/messages/message-view.ts'
import { PendingMessages } from '../../src/room/validation/pending-messages.ts'
import type { Disk } from './disk.ts'
import type { Life } from './life.ts'
import type { Machine } from './machine.ts'
import { amendmentsAmong, describeStanding, retell } from './retelling.ts'
import { rowOf, rowsApart } from './rows.ts'
import { Broken, short } from './trace.ts'
import { cutChains } from './verdict.ts'
import type { Witness } from './witness.ts'
import type { World } from './world.ts'

/** What is shown of a message, its author wrote, and each honest reaction to it is its author's. */
export function checkAuthentic(name: string, { envelope, state }: MessageWithState, witness: Witness): void {
  const { edited, deleted, reactions, said } = state
  const wrote = (id: MessageId, author: PeerKey) => {
    const by = witness.written.get(id)
    const amendment = by && amendmentIn(by)
    if (by?.author === author && amendment?.ref === envelope.id) return amendment
    throw new Broken('authentic', `${name} shows ${short(envelope.id)} changed by ${short(id)}`)
  }
  for (const { id, author, emoji } of reactions) {
    if (!witness.isHonest(author)) continue
    const amendment = wrote(id, author)
    if (amendment.kind === 'reaction' && amendment.isOn && amendment.emoji === emoji) continue
    throw new Broken('authentic', `${name} shows a reaction that ${short(id)} is not`)
  }
  const { author } = envelope
  if (!witness.isHonest(author)) return
  const deletion = deleted && wrote(deleted.id, author)
  const edit = edited && wrote(edited.id, author)
  const original = edit?.kind === 'edit' ? edit.newText : saidIn(envelope)?.text
  if (said.text !== (deletion?.kind === 'deletion' ? '' : original))
    throw new Broken('authentic', `${name} shows ${JSON.stringify(said.text)} as ${short(envelope.id)}`)
}

/** What a room says of each message that anything refers to is what is to be said of it. */
export function checkStandings(name: string, { room, disk }: Life, witness: Witness): void {
  checkAgainst(name, disk, id => room.find(id)?.state, witness)
}

function checkAgainst(
  name: string,
  disk: Disk,
  standing: (id: MessageId) => MessageState | undefined,
  witness: Witness,
): void {
  const kept = keptBy(disk)
  for (const [ref, amendments] of amendmentsAmong(kept.values())) {
    const envelope = kept.get(ref)
    const right = envelope && retell(envelope, amendments)
    const found = standing(ref)
    const told = found && describeStanding(found)
    if (told !== right)
      throw new Broken('the log tells what became', `${name}, ${short(ref)}: ${told}, not ${right}`)
    if (envelope !== undefined && found !== undefined)
      checkAuthentic(name, { envelope, state: found }, witness)
  }
}

/** All of that in the end. */
export function checkAmended(world: World): void {
  for (const { life } of world.alive) life?.settle()
  for (const { name, life, disk } of world.alive) {
    if (life === undefined) continue
    checkStandings(name, life, world.witness)
    const log = disk.read()
    const annals = new MessageView(log, new PendingMessages(log))
    checkAgainst(`${name} after a restart`, disk, id => annals.find(id, 'whole')?.state, world.witness)
  }
  const doubtful = doubtfulRefs(world)
  for (const machine of world.alive) if (!machine.prunes) checkRows(machine, world.witness, doubtful)
  if (!world.alive.some(machine => machine.prunes)) checkSame(world)
}

/** Who only followed the notices has the same on the screen; what villains do to it may be forked, or piled up. */
function checkRows({ name, life }: Machine, witness: Witness, doubtful: ReadonlySet<MessageId>): void {
  for (const [id, row] of life?.screen.rows.all ?? []) {
    const told = life?.room.find(id)
    if (told === undefined || doubtful.has(id) || !witness.isHonest(told.envelope.author)) continue
    const apart = rowsApart(row, rowOf(told.state), author => witness.isHonest(author as PeerKey))
    if (apart !== undefined) throw new Broken('the screen follows', `${name}, ${short(id)}: ${apart}`)
  }
}

/** Honest messages that are, or are changed by, what may be written twice: what displaces it isn't told. */
function doubtfulRefs({ witness }: World): ReadonlySet<MessageId> {
  const doubtful = [...witness.written.values()].filter(envelope => witness.isDoubtful(envelope))
  return new Set(doubtful.flatMap(envelope => [envelope.id, amendmentIn(envelope)?.ref ?? envelope.id]))
}

/** Everybody has the same of each message; but for what waits for what nobody has any more, and chains that differ. */
function checkSame(world: World): void {
  const waits = world.alive.flatMap(({ disk }) => disk.allPending().map(({ envelope }) => envelope))
  const apart = new Set(waits.flatMap(envelope => [envelope.id, amendmentIn(envelope)?.ref ?? envelope.id]))
  const cut = new Set([...cutChains(world)].map(chain => chain.split('/')[0]))
  const isCounted = (author: PeerKey): boolean => !cut.has(author)
  const known = new Map<MessageId, { readonly name: string; readonly line: string }>()
  for (const { name, life } of world.alive) {
    for (const envelope of life?.disk.kept.values() ?? []) {
      if (isAmending(envelope.kind) || apart.has(envelope.id) || !isCounted(envelope.author)) continue
      const line = lineOf(life?.room.find(envelope.id), isCounted)
      const first = known.get(envelope.id) ?? { name, line }
      known.set(envelope.id, first)
      if (first.line === line) continue
      throw new Broken(
        'changes converge',
        `${short(envelope.id)}: ${first.name} ${first.line}, ${name} ${line}`,
      )
    }
  }
}

function lineOf(told: MessageWithState | undefined, isCounted: (author: PeerKey) => boolean): string {
  if (told === undefined) return 'nothing'
  const { state } = told
  return describeStanding({ ...state, reactions: state.reactions.filter(one => isCounted(one.author)) })
}

/** All that counts: also what isn't committed yet. */
function keptBy(disk: Disk): ReadonlyMap<MessageId, Envelope> {
  const all = [...disk.allPending(), ...disk.latest(Number.MAX_SAFE_INTEGER)]
  return new Map(all.map(({ envelope }) => [envelope.id, envelope] as const))
}
