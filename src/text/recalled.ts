/** Messages that were looked up, as lines: with names told apart, and everything made safe. */
import type { Recalled } from '../api/events.ts'
import { answered, wholeLines } from './message-text.ts'
import type { NameBook } from './name-book.ts'
import type { Sign } from './row.ts'
import { type LayoutDeps, layOutRecalled } from './row-layout.ts'

/** One message after the other, without line ends. Everybody's name is learned first, so that the first has its tag, too. */
export function recalledLines(messages: readonly Recalled[], names: NameBook, deps: LayoutDeps): string[] {
  for (const { peer, name } of messages) names.learn(peer, name)
  const nameOf = (peer: string, name: string): string => names.find(peer) ?? names.learn(peer, name)
  return messages.flatMap(message => {
    const to = answered(message, nameOf)
    const sign = signOf(message, names.learn(message.peer, message.name))
    return layOutRecalled(
      { ...sign, ...(to !== undefined && { to }) },
      wholeLines(message, nameOf),
      message.sentAt,
      deps,
    )
  })
}

export function signOf({ action, peer }: Pick<Recalled, 'action' | 'peer'>, name: string): Sign {
  return { kind: action ? 'acts' : 'says', peer, name }
}
