import { describe, expect, it } from 'vitest'
import { failureEvent, failureLine, lineLogger } from '../../../src/cli/output/stderr.ts'
import { ParleyError } from '../../../src/common/errors.ts'

describe('a failure', () => {
  it('is one line with what, why and what to do', () => {
    const failure = new ParleyError('port-in-use', 'port 12345 is in use', 'Choose another with --port.')
    expect(failureLine(failure)).toBe(
      'parley: port 12345 is in use. Choose another with --port. [port-in-use]',
    )
    expect(failureEvent(failure)).toEqual({
      type: 'error',
      code: 'port-in-use',
      text: 'port 12345 is in use',
      remedy: 'Choose another with --port.',
    })
  })

  it('that nobody foresaw is one line, too, whatever it says', () => {
    const line = failureLine(new TypeError('no\n\u001b[31mway'))
    expect(line).toContain('parley: a fault in the program (TypeError: no')
    expect(line).not.toMatch(/[\n\u001b]/)
  })
})

describe('the log', () => {
  function lines(level: 'warn' | 'debug') {
    const written: string[] = []
    return {
      written,
      logger: lineLogger(
        level,
        line => written.push(line),
        () => 0,
      ),
    }
  }

  it('has one line each, with its values', () => {
    const { written, logger } = lines('warn')
    logger.warn('helper is away', { address: '/ip4/1.2.3.4/tcp/5', why: 'no answer', tries: 3, big: 10n })
    expect(written).toEqual([
      '1970-01-01T00:00:00.000Z warn helper is away address=/ip4/1.2.3.4/tcp/5 why="no answer" tries=3 big=10n',
    ])
  })

  it('has only lines of its level and above', () => {
    const { written, logger } = lines('warn')
    logger.error('a')
    logger.info('b')
    logger.debug('c')
    expect(written).toHaveLength(1)
  })

  it('cannot be broken by what peers send, nor by its values', () => {
    const { written, logger } = lines('warn')
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    logger.warn('from a peer', { text: '\u001b[2J\n2026 error forged', circle, long: 'x'.repeat(100_000) })
    expect(written).toHaveLength(1)
    expect(written[0]).not.toMatch(/[\n\u001b]/)
    expect(written[0]?.length).toBeLessThan(5_000)
  })

  it('shows the stack of an error to who looks for faults', () => {
    const error = new Error('why')
    const quiet = lines('warn')
    quiet.logger.warn('failed', { error })
    expect(quiet.written[0]).toMatch(/failed error=why$/)
    const talkative = lines('debug')
    talkative.logger.debug('failed', { error })
    expect(talkative.written[0]).toContain('report.test.ts')
  })
})
