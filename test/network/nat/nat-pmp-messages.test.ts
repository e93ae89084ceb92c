import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readLinuxRoutes, readRouteTable } from '../../../src/network/nat/interfaces.ts'
import { encodePcp, encodePmp, readPcp, readPmp } from '../../../src/network/nat/nat-pmp.ts'
import { SEED } from '../../support/seed.ts'

const PMP = { port: 4001, outside: 14_001, seconds: 1_200 }
const PCP = { ...PMP, own: '192.168.1.10', nonce: Uint8Array.from({ length: 12 }, (_, at) => at) }

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const fromHex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('NAT-PMP', () => {
  test('a request is what RFC 6886 says, and taking back wishes for no port', () => {
    expect(hex(encodePmp(PMP))).toBe('000200000fa136b1000004b0')
    expect(hex(encodePmp({ ...PMP, seconds: 0 }))).toBe('000200000fa1000000000000')
  })

  test.each([
    ['0082 0000 00000001 0fa1 36b2 00000078', { kind: 'granted', outside: 14_002, seconds: 120 }],
    ['0082 0002 00000001', { kind: 'refused', code: 2 }],
    ['0282 0001 00000000', { kind: 'other-version' }],
    ['0082 0001 00000000', { kind: 'other-version' }],
    ['0082 0000 00000001 0fa2 36b2 00000078', undefined],
    ['0002 0000 0fa1 36b1 000004b0', undefined],
    ['00', undefined],
  ])('the answer %s', (text, expected) => {
    expect(readPmp(fromHex(text), PMP)).toEqual(expected)
  })
})

describe('PCP', () => {
  const map = '000102030405060708090a0b 06 000000 0fa1 36b2 00000000000000000000ffff2c80000b'

  test('a request is what RFC 6887 says', () => {
    const head = '02 01 0000 000004b0 00000000000000000000ffffc0a8010a'
    const body = '000102030405060708090a0b 06 000000 0fa1 36b1 00000000000000000000ffff00000000'
    expect(hex(encodePcp(PCP))).toBe(hex(fromHex(head + body)))
  })

  test.each([
    [
      `02 81 00 00 00000078 00000001 ${'00'.repeat(12)} ${map}`,
      { kind: 'granted', outside: 14_002, seconds: 120 },
    ],
    [`02 81 00 02 00000078 00000001 ${'00'.repeat(12)} ${map}`, { kind: 'refused', code: 2 }],
    [`02 81 00 00 00000078 00000001 ${'00'.repeat(12)} ${map.replace('0b', '0c')}`, undefined],
    ['00 82 0001 00000000', { kind: 'other-version' }],
    ['02 81 00 00', undefined],
  ])('the answer %s', (text, expected) => {
    expect(readPcp(fromHex(text), PCP)).toEqual(expected)
  })
})

test('whatever else a router sends is no answer, and throws nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
      for (const answer of [readPmp(bytes, PMP), readPcp(bytes, PCP)])
        expect(['granted', 'refused', 'other-version', undefined]).toContain(answer?.kind)
    }),
    { seed: SEED },
  )
})

describe('the router of this machine', () => {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
  const route = (to: string, router: string, flags: string, metric: number, mask = to): string =>
    `eth0\t${to}\t${router}\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`

  test('is that of the least metric in the table of Linux', () => {
    const table =
      head +
      route('0001A8C0', '00000000', '0001', 0, '00FFFFFF') +
      route('00000000', 'FE01A8C0', '0003', 600) +
      route('00000000', '0101A8C0', '0003', 100)
    expect(readLinuxRoutes(table, 'LE')).toBe('192.168.1.1')
    expect(readLinuxRoutes(head + route('00000000', 'C0A80101', '0003', 0), 'BE')).toBe('192.168.1.1')
    expect(readLinuxRoutes(head + route('00000000', '00000000', '0001', 0), 'LE')).toBeUndefined()
    expect(readLinuxRoutes('', 'LE')).toBeUndefined()
  })

  test.each([
    [
      'Destination        Gateway            Flags\ndefault            192.168.1.1        UGScg     en0\n',
      '192.168.1.1',
    ],
    ['default            link#12            UCSIg   bridge0\ndefault  10.0.0.1  UGS  em0\n', '10.0.0.1'],
    ['          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.10     25\n', '192.168.1.1'],
    ['127.0.0.1          127.0.0.1          UH        lo0\n', undefined],
  ])('is found in %j', (table, expected) => {
    expect(readRouteTable(table)).toBe(expected)
  })
})
