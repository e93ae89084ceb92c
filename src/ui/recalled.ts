/** Messages that were looked up, as lines: with names told apart, and everything made safe. */
import type { Recalled } from './event.ts'
import type { NameBook } from './name-book.ts'
import type { Sign } from './row.ts'
import { type LayoutDeps, layOutRecalled } from './row-layout.ts'
import { sanitiseText } from './sanitise.ts'

/** One message after the other, without line ends. Everybody's name is learned first, so that the first has its tag, too. */
export function recalledLines(messages: readonly Recalled[], names: NameBook, deps: LayoutDeps): string[] {
  for (const { peer, name } of messages) names.learn(peer, name)
  return messages.flatMap(message => {
    const sign = signOf(message, names.learn(message.peer, message.name))
    return layOutRecalled(sign, linesOf(message.text), message.sentAt, deps)
  })
}

export function signOf({ action, peer }: Pick<Recalled, 'action' | 'peer'>, name: string): Sign {
  return { kind: action ? 'acts' : 'says', peer, name }
}

/** A text's lines, with no blank ones around it and no two together within. */
export function linesOf(text: string): string[] {
  const safe = sanitiseText(text)
  if (!safe.includes('\n')) return [safe]
  const tight = safe.replace(/\n\s*\n\s*\n/g, '\n\n').replace(/^\n+|\n+$/g, '')
  return tight.split('\n')
}
