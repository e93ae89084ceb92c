/**
 * Short names of emoji, as chat programs have them: those that people use, not all that there are.
 */
export const EMOJI: ReadonlyMap<string, string> = new Map(
  `+1 👍 -1 👎 100 💯 angry 😠 bear 🐻 beer 🍺 beers 🍻 blush 😊 boom 💥 brain 🧠 broken_heart 💔 bug 🐛 bulb 💡 cake 🍰
cat 🐱 check ✅ clap 👏 clinking_glasses 🥂 coffee ☕ computer 💻 confused 😕 construction 🚧 cookie 🍪 cool 😎 cry 😢
dog 🐶 eyes 👀 facepalm 🤦 fire 🔥 fox 🦊 ghost 👻 gift 🎁 grin 😁 grimacing 😬 hammer 🔨 handshake 🤝 heart ❤️
heart_eyes 😍 hug 🤗 hourglass ⏳ hundred 💯 innocent 😇 joy 😂 key 🔑 kiss 😘 laughing 😆 lock 🔒 mag 🔍 memo 📝 mind_blown 🤯
monkey 🐵 moon 🌙 muscle 💪 neutral 😐 ok_hand 👌 package 📦 party 🥳 pencil ✏️ penguin 🐧 pensive 😔 pizza 🍕 point_up ☝️
pray 🙏 question ❓ rage 😡 rainbow 🌈 raised_hands 🙌 recycle ♻️ robot 🤖 rocket 🚀 rofl 🤣 rose 🌹 scream 😱 shrug 🤷
skull 💀 sleeping 😴 smile 😄 smirk 😏 snowflake ❄️ sob 😭 sparkles ✨ star ⭐ stop 🛑 sun ☀️ sunglasses 😎 sweat_smile 😅
tada 🎉 tea 🍵 thinking 🤔 thumbsdown 👎 thumbsup 👍 tongue 😛 turtle 🐢 umbrella ☔ unicorn 🦄 upside_down 🙃 v ✌️
warning ⚠️ wave 👋 wink 😉 wrench 🔧 x ❌ yum 😋 zap ⚡ zzz 💤`
    .split(/\s+/)
    .reduce<[string, string][]>((pairs, word, at, words) => {
      if (at % 2 === 1) pairs.push([words[at - 1] ?? '', word])
      return pairs
    }, []),
)
