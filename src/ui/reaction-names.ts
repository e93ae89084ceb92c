/** What can be reacted with by name: those that people use most. Any other emoji can be given as itself. */
import { fullEmoji } from '../core/emoji.ts'

/** Names by emoji. The first is the usual one. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  '👍': ['+1', 'thumbsup', 'yes'],
  '👎': ['-1', 'thumbsdown', 'no'],
  '❤️': ['heart', 'love'],
  '🎉': ['tada', 'party'],
  '😂': ['joy', 'lol'],
  '😄': ['smile', 'happy'],
  '😀': ['grin'],
  '🙂': ['slight_smile'],
  '😉': ['wink'],
  '😅': ['sweat_smile', 'phew'],
  '😍': ['heart_eyes'],
  '🤔': ['thinking', 'hmm'],
  '😮': ['open_mouth', 'wow'],
  '😢': ['cry', 'sad'],
  '😭': ['sob'],
  '😱': ['scream'],
  '😡': ['rage', 'angry'],
  '😕': ['confused'],
  '🙁': ['frown'],
  '😎': ['sunglasses', 'cool'],
  '😴': ['sleeping'],
  '🤯': ['exploding_head'],
  '🤣': ['rofl'],
  '🥳': ['partying_face'],
  '🤷': ['shrug'],
  '🤦': ['facepalm'],
  '👀': ['eyes', 'looking'],
  '👏': ['clap'],
  '🙏': ['pray', 'thanks'],
  '👋': ['wave', 'hi'],
  '💪': ['muscle', 'strong'],
  '👌': ['ok_hand', 'ok'],
  '🤝': ['handshake', 'deal'],
  '✌️': ['v', 'peace'],
  '🙌': ['raised_hands', 'hooray'],
  '🔥': ['fire'],
  '💯': ['100'],
  '🚀': ['rocket', 'ship'],
  '⭐': ['star'],
  '✨': ['sparkles'],
  '💡': ['bulb', 'idea'],
  '✅': ['white_check_mark', 'check', 'done'],
  '✔️': ['heavy_check_mark'],
  '❌': ['x', 'cross'],
  '⚠️': ['warning'],
  '❓': ['question'],
  '❗': ['exclamation'],
  '➕': ['plus'],
  '➖': ['minus'],
  '🐛': ['bug'],
  '🔧': ['wrench', 'fix'],
  '⏳': ['hourglass', 'wait'],
  '☕': ['coffee'],
  '🍵': ['tea'],
  '🍺': ['beer'],
  '🍰': ['cake'],
  '🍕': ['pizza'],
  '🎂': ['birthday'],
  '💔': ['broken_heart'],
  '💩': ['poop'],
  '☀️': ['sunny', 'sun'],
  '🌙': ['moon', 'night'],
}

/** Emoji by name, without colons. */
const REACTION_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([emoji, names]) => names.map(name => [name, emoji] as const)),
)

/** The emoji that `:name:`, a bare name or the emoji itself means; undefined if it means none, or several. */
export function readEmoji(text: string): string | undefined {
  const name = text.toLowerCase().replace(/^:(.+):$/, '$1')
  return REACTION_NAMES.get(name) ?? fullEmoji(text)
}
