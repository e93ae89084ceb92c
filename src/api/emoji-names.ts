/**
 * Names of emoji, for completing `:name` and for reacting: the common ones, as other chat programs call them.
 * Any other emoji can be given itself.
 */
import { fullEmoji } from '../protocol/content.ts'

/** One emoji per line with its names, the usual one first. */
const TABLE = `
👍 +1 thumbsup yes
👎 -1 thumbsdown no
❤️ heart love
🎉 tada party
😂 joy lol
😄 smile happy
😀 grinning
🙂 slight_smile
😉 wink
😅 sweat_smile phew
😍 heart_eyes
🤔 thinking hmm
😮 open_mouth wow
😢 cry sad
😭 sob
😱 scream
😡 rage
😕 confused
🙁 frown
😎 sunglasses cool
😴 sleeping
🤯 exploding_head mind_blown
🤣 rofl
🥳 partying_face
🤷 shrug
🤦 facepalm
👀 eyes looking
👏 clap
🙏 pray thanks
👋 wave hi
💪 muscle strong
👌 ok_hand ok
🤝 handshake deal
✌️ v peace
🙌 raised_hands hooray
🔥 fire
💯 100 hundred
🚀 rocket ship
⭐ star
✨ sparkles
💡 bulb idea
✅ white_check_mark check done
✔️ heavy_check_mark
❌ x cross
⚠️ warning
❓ question
❗ exclamation
➕ plus
➖ minus
🐛 bug
🔧 wrench fix
⏳ hourglass wait
☕ coffee
🍵 tea
🍺 beer
🍰 cake
🍕 pizza
🎂 birthday
💔 broken_heart
💩 poop
☀️ sunny sun
🌙 moon night
😁 grin
😠 angry
🐻 bear
🍻 beers
😊 blush
💥 boom
🧠 brain
🐱 cat
🥂 clinking_glasses
💻 computer
🚧 construction
🍪 cookie
🐶 dog
🦊 fox
👻 ghost
🎁 gift
😬 grimacing
🔨 hammer
🤗 hug
😇 innocent
🔑 key
😘 kiss
😆 laughing
🔒 lock
🔍 mag
📝 memo
🐵 monkey
😐 neutral
📦 package
✏️ pencil
🐧 penguin
😔 pensive
☝️ point_up
🌈 rainbow
♻️ recycle
🤖 robot
🌹 rose
💀 skull
😏 smirk
❄️ snowflake
🛑 stop
😛 tongue
🐢 turtle
☔ umbrella
🦄 unicorn
🙃 upside_down
😋 yum
⚡ zap
💤 zzz
`

/** Emoji by name, without colons. Names are unique. */
export const EMOJI_BY_NAME: ReadonlyMap<string, string> = new Map(
  TABLE.trim()
    .split('\n')
    .flatMap(line => {
      const [emoji = '', ...names] = line.split(' ')
      return names.map(name => [name, emoji] as const)
    }),
)

/** The emoji for `:name:`, a bare name or an emoji itself; undefined if there is none, or several. */
export function readEmoji(text: string): string | undefined {
  const name = text.toLowerCase().replace(/^:(.+):$/, '$1')
  return EMOJI_BY_NAME.get(name) ?? fullEmoji(text)
}
