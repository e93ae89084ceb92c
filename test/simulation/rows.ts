/** The rows of a screen as somebody keeps them who only follows notices: each message, and what he was told of it. */
import type { MessageId } from '../../src/protocol/ids.ts'
import type { RoomNotice } from '../../src/room/events.ts'
import type { MessageState } from '../../src/room/messages/amendments.ts'

/** What a row shows. */
export interface Row {
  readonly text: string
  readonly isDeleted: boolean
  /** Each an author and an emoji. */
  readonly reactions: ReadonlySet<string>
}

export class Rows {
  readonly all = new Map<MessageId, Row>()

  show(notice: RoomNotice): void {
    if (notice.kind === 'message') this.all.set(notice.envelope.id, rowOf(notice.state))
    if (notice.kind !== 'amended') return
    const { ref } = notice.amendment
    const row = this.all.get(ref)
    if (row !== undefined) this.all.set(ref, amended(row, notice))
  }
}

export function rowOf({ said, deleted, reactions }: MessageState): Row {
  return {
    text: said.text,
    isDeleted: deleted !== undefined,
    reactions: new Set(reactions.map(({ author, emoji }) => `${author} ${emoji}`)),
  }
}

function amended(row: Row, { amendment, by }: Extract<RoomNotice, { readonly kind: 'amended' }>): Row {
  switch (amendment.kind) {
    case 'deletion':
      return { text: '', isDeleted: true, reactions: new Set() }
    case 'edit':
      return { ...row, text: amendment.newText }
    case 'reaction': {
      const one = new Set([`${by.author} ${amendment.emoji}`])
      const { reactions } = row
      return { ...row, reactions: amendment.isOn ? reactions.union(one) : reactions.difference(one) }
    }
  }
}

/** What differs between two rows, but for reactions of some; undefined if nothing does. */
export function rowsApart(one: Row, other: Row, isCounted: (author: string) => boolean): string | undefined {
  const [a, b] = [one, other].map(row => {
    const reactions = [...row.reactions].filter(reaction => isCounted(reaction.split(' ')[0] ?? '')).sort()
    return JSON.stringify([row.text, row.isDeleted, reactions])
  })
  return a === b ? undefined : `${brief(a)} and ${brief(b)}`
}

/** Texts may be long, and what differs is mostly at the end. */
function brief(row = ''): string {
  return row.length <= 120 ? row : `${row.slice(0, 40)}…${row.slice(-80)}`
}
