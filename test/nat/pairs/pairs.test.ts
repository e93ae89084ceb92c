/** Two people who know only a helper, behind every pair of routers: the path is the best that these allow. */
import { expect, test } from 'vitest'
import { meetOnce } from './meeting.ts'
import { PAIRS } from './pairs.ts'
import type { Side } from './side.ts'
import { titleOfWeather, WEATHERS } from './weather.ts'

const DEADLINE_MS = 180_000

/** Between whom a hole has to be punched in every weather. The others have one each, in turn. */
const PUNCHED: readonly Side[] = ['drop', 'reject', 'carrier', 'symmetric-ip6']

const CASES = PAIRS.flatMap((pair, at) => {
  const [left, right] = pair.sides
  const weathers = left === right && PUNCHED.includes(left) ? WEATHERS : [WEATHERS[at % WEATHERS.length]]
  return weathers.flatMap(weather => (weather === undefined ? [] : [{ pair, weather }]))
})

for (const { pair, weather } of CASES) {
  test.concurrent(`${pair.title}, ${titleOfWeather(weather)}`, { timeout: DEADLINE_MS }, async () => {
    const { path } = await meetOnce({ pair, ...weather })
    expect(path).toBe(pair.path)
  })
}
