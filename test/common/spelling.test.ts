import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/common/spelling.ts'

const WORDS = ['name', 'helper', 'listen', 'log-level']

describe('the nearest word', () => {
  it.each([
    ['nmae', 'name'],
    ['helpr', 'helper'],
    ['Helpers', 'helper'],
    ['log-levle', 'log-level'],
    ['loglevel', 'log-level'],
  ])('of %s is %s', (typed, meant) => {
    expect(nearest(typed, WORDS)).toBe(meant)
  })

  it.each(['', 'x', 'room', 'verbose', 'n'.repeat(100_000)])('is none for %.20s', typed => {
    expect(nearest(typed, WORDS)).toBeUndefined()
  })
})
