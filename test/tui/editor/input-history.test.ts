/** Searching in what was typed, key by key. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { boundaryAt } from '../../../src/text/graphemes.ts'
import {
  beginSearch,
  changeWords,
  foundLine,
  type History,
  type HistorySearch,
  NO_HISTORY,
  remember,
  searchFurther,
} from '../../../src/tui/editor/input-history.ts'
import { anyText, seeded } from '../../text/arbitraries.ts'

const historyOf = (...lines: readonly string[]): History => lines.reduce(remember, NO_HISTORY)

const LINES = historyOf('see you at noon', 'I found it', 'at the lake', 'At the sea', 'no')

/** What is found after typing this, character by character. */
function typed(history: History, words: string, search = beginSearch(history, 'older')): HistorySearch {
  return [...words].reduce((at, character) => changeWords(history, at, at.words + character), search)
}

describe('searching in what was typed', () => {
  it('finds the newest line that has the words, whatever their case', () => {
    expect(foundLine(LINES, typed(LINES, 'at the'))).toBe('At the sea')
    expect(foundLine(LINES, typed(LINES, 'AT'))).toBe('At the sea')
  })

  it('goes on from what was found with each character, and anew with fewer of them', () => {
    const found = typed(LINES, 'at the l')
    expect(foundLine(LINES, found)).toBe('at the lake')
    expect(foundLine(LINES, changeWords(LINES, found, 'at the'))).toBe('At the sea')
  })

  it('goes to older ones and back, and says when there is no more', () => {
    const newest = typed(LINES, 'at')
    const older = searchFurther(LINES, newest, 'older')
    expect(foundLine(LINES, older)).toBe('at the lake')
    const oldest = searchFurther(LINES, older, 'older')
    expect(foundLine(LINES, oldest)).toBe('see you at noon')
    expect(searchFurther(LINES, oldest, 'older')).toMatchObject({ isMissing: true, found: oldest.found })
    expect(foundLine(LINES, searchFurther(LINES, oldest, 'newer'))).toBe('at the lake')
  })

  it('keeps what was found when words are typed that nothing has', () => {
    const missing = typed(LINES, 'lakes')
    expect(missing).toMatchObject({ isMissing: true })
    expect(foundLine(LINES, missing)).toBe('at the lake')
  })

  it('finds nothing without words', () => {
    expect(changeWords(LINES, typed(LINES, 'a'), '')).toMatchObject({ words: '', isMissing: false })
    expect(foundLine(LINES, changeWords(LINES, typed(LINES, 'a'), ''))).toBeUndefined()
  })
})

test('what is found has the words, the cursor stands between characters, and no step finds the same line', () => {
  const word = fc.oneof(fc.constantFrom('a', 'ab', '日本', '👩\u200d👩\u200d👧', 'İ', 'e\u0301'), anyText(5))
  const step = fc.oneof(
    word.map(words => (history: History, search: HistorySearch) => changeWords(history, search, words)),
    fc.constantFrom('older', 'newer').map(way => (history: History, search: HistorySearch) => {
      const next = searchFurther(history, search, way as 'older')
      if (search.words !== '' && !next.isMissing && search.found !== undefined)
        expect(foundLine(history, next)).not.toBe(foundLine(history, search))
      return next
    }),
  )
  const lines = fc.array(
    fc.array(word, { maxLength: 4 }).map(parts => parts.join('')),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(lines, fc.array(step, { maxLength: 12 }), (texts, steps) => {
      const history = historyOf(...texts)
      let search = beginSearch(history, 'older')
      for (const take of steps) {
        search = take(history, search)
        const text = foundLine(history, search)
        if (search.isMissing || text === undefined) continue
        expect(text.toLowerCase()).toContain(search.words.toLowerCase())
        expect(boundaryAt(text, search.found?.cursor ?? -1)).toBe(search.found?.cursor)
      }
    }),
    seeded,
  )
})
