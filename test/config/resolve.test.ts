import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HostFacts } from '../../src/config/platform.ts'
import { resolveHelper, resolvePeer, type Sources } from '../../src/config/resolve.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-config-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function file(settings: unknown): Promise<string> {
  const path = join(folder, 'settings.json')
  await writeFile(path, typeof settings === 'string' ? settings : JSON.stringify(settings))
  return path
}

function sources(given: Partial<Sources> = {}): Sources {
  const host: HostFacts = { platform: 'linux', home: '/home/ann', login: 'ann', cwd: '/srv' }
  return { flags: {}, env: {}, host, ...given }
}

async function faultOf(resolving: Promise<unknown>): Promise<string> {
  const fault = await resolving.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(fault).toMatchObject({ name: 'ParleyError', exitCode: 2 })
  return fault instanceof Error ? `${fault.message}. ${Reflect.get(fault, 'remedy')}` : ''
}

describe('where a setting comes from', () => {
  it('is the strongest place that has it, and is told', async () => {
    const answers = { name: 'from-answers', helper: 'answers.example' }
    const steps: readonly [Partial<Sources>, string, string][] = [
      [{}, 'ann', 'default (login name)'],
      [{ answers }, 'from-answers', 'remembered answers'],
      [
        { answers, flags: { config: await file({ name: 'from-file' }) } },
        'from-file',
        `"name" in ${join(folder, 'settings.json')}`,
      ],
    ]
    const env = { PARLEY_NAME: 'from-env', PARLEY_CONFIG: await file({ name: 'from-file' }) }
    const more: typeof steps = [
      [{ answers, env }, 'from-env', 'PARLEY_NAME'],
      [{ answers, env, flags: { name: 'from-flag' } }, 'from-flag', '--name'],
    ]
    for (const [given, name, place] of [...steps, ...more]) {
      const { config, settings } = await resolvePeer(sources(given))
      expect(config.name).toBe(name)
      expect(settings.get('name')).toMatchObject({ value: name, place })
    }
  })

  it('is each number by itself', async () => {
    const flags = { config: await file({ network: { redialMaxMs: 500 } }) }
    const { config, settings } = await resolvePeer(sources({ flags }))
    expect(config.network).toMatchObject({ redialMaxMs: 500, redialMinMs: 250 })
    expect(settings.get('network.redialMaxMs')?.place).toContain('settings.json')
    expect(settings.get('network.redialMinMs')?.place).toBe('default (config/default.json)')
  })

  it('is one place for a whole list', async () => {
    const { config } = await resolvePeer(
      sources({ flags: { helper: ['a.example', 'b.example:1'] }, env: { PARLEY_HELPER: 'c.example' } }),
    )
    expect(config.helpers).toEqual([
      { text: 'a.example', multiaddr: '/dns/a.example/tcp/12345' },
      { text: 'b.example:1', multiaddr: '/dns/b.example/tcp/1' },
    ])
  })

  it('is the argument for a room', async () => {
    const flags = { config: await file({ room: 'from-file' }) }
    expect((await resolvePeer(sources({ flags }))).config.room).toBe('from-file')
    expect((await resolvePeer(sources({ flags, room: '#Tea' }))).config.room).toBe('tea')
  })
})

describe('the environment', () => {
  it('has one variable an option', async () => {
    const env = {
      PARLEY_HELPER: 'a.example, b.example',
      PARLEY_NO_LAN: '1',
      PARLEY_JSON: 'yes',
      PARLEY_PLAIN: '0',
      PARLEY_TRUST_NEW_HELPER: 'true',
      PARLEY_LOG_LEVEL: 'debug',
      PARLEY_DATA: 'data',
      PARLEY_NAME: '',
      PARLEY_PORT: '80',
    }
    const { config } = await resolvePeer(sources({ env }))
    expect(config).toMatchObject({ lan: 'off', output: 'json', trustNewHelper: 'accept', logLevel: 'debug' })
    expect(config).toMatchObject({ dataDir: '/srv/data', name: 'ann' })
    expect(config.helpers.map(helper => helper.text)).toEqual(['a.example', 'b.example'])
  })

  it('must not hold a mistyped one, but may hold what platforms set', async () => {
    expect(await faultOf(resolvePeer(sources({ env: { PARLEY_HELPR: 'x' } })))).toContain(
      'PARLEY_HELPR in the environment is unknown. Did you mean PARLEY_HELPER?',
    )
    await resolvePeer(sources({ env: { PARLEY_SERVICE_HOST: 'x', PARLEY_HOME: 'x' } }))
  })

  it('may say on or off of the local network, once', async () => {
    expect((await resolvePeer(sources({ env: { PARLEY_LAN: 'off' } }))).config.lan).toBe('off')
    const flags = { config: await file({ lan: 'off' }) }
    const { config, settings } = await resolvePeer(sources({ flags, env: { PARLEY_LAN: 'on' } }))
    expect(config.lan).toBe('on')
    expect(settings.get('lan')?.place).toBe('PARLEY_LAN')
    expect(await faultOf(resolvePeer(sources({ env: { PARLEY_LAN: 'on', PARLEY_NO_LAN: '1' } })))).toContain(
      'PARLEY_NO_LAN and PARLEY_LAN contradict each other',
    )
    expect(await faultOf(resolvePeer(sources({ env: { PARLEY_LAN: 'x' } })))).toContain('on or off')
  })

  it('says what fits a switch', async () => {
    expect(await faultOf(resolvePeer(sources({ env: { PARLEY_NO_LAN: 'maybe' } })))).toBe(
      'PARLEY_NO_LAN is "maybe", which does not fit. What fits: 1 or 0.',
    )
  })
})

describe('what the log keeps', () => {
  it('is everything, unless it is said otherwise anywhere', async () => {
    expect((await resolvePeer(sources())).config.retention).toEqual({ days: 0, megabytes: 0 })
    const env = { PARLEY_KEEP_DAYS: '30' }
    const flags = { 'keep-mb': '500', config: await file({ retention: { days: 7, megabytes: 9 } }) }
    const { config, settings } = await resolvePeer(sources({ env, flags }))
    expect(config.retention).toEqual({ days: 30, megabytes: 500 })
    expect(settings.get('retention.days')?.place).toBe('PARLEY_KEEP_DAYS')
    expect(settings.get('retention.megabytes')?.place).toBe('--keep-mb')
  })

  it('has two flags that give each its part', async () => {
    const { config } = await resolvePeer(sources({ flags: { 'keep-days': '1', 'keep-mb': '2' } }))
    expect(config.retention).toEqual({ days: 1, megabytes: 2 })
  })

  it.each([
    [
      { 'keep-days': '-1' },
      '--keep-days is -1, which does not fit. What fits: a whole number of days from 0',
    ],
    [{ 'keep-mb': '1.5' }, '--keep-mb is "1.5", which does not fit. What fits: a whole number of megabytes'],
  ] as const)('is a whole number: %j', async (flags, told) => {
    expect(await faultOf(resolvePeer(sources({ flags })))).toContain(told)
  })

  it('is nothing for a helper', async () => {
    const flags = { config: await file({ retention: { days: 7 } }) }
    expect(await faultOf(resolveHelper(sources({ flags })))).toContain('is a setting of peers only')
  })
})

describe('the answers of the first start', () => {
  it('may say that there is no helper', async () => {
    const { config, settings } = await resolvePeer(sources({ answers: { name: 'bo', helper: '' } }))
    expect(config.helpers).toEqual([])
    expect(settings.get('helpers')?.place).toBe('remembered answers')
  })
})

describe('a wrong setting', () => {
  it.each([
    [{ name: '' }, '--name is "", which does not fit'],
    [{ name: 'x'.repeat(33) }, '1 to 32 visible characters'],
    [{ name: 'x'.repeat(33) }, 'which does not fit: it is longer than 32 characters. What fits:'],
    [
      { name: 'ev\u202eil' },
      '--name is "ev\\u202eil", which does not fit: it contains U+202E RIGHT-TO-LEFT OVERRIDE. What fits:',
    ],
    [
      { 'log-level': 'in\u00adfo' },
      '"in\\u00adfo", which does not fit: it contains U+00AD SOFT HYPHEN. What',
    ],
    [{ listen: ['/ip4/0.0.0.0/tcp/1\u200b'] }, 'it contains U+200B ZERO WIDTH SPACE'],
    [{ config: '/no/such\u2060.json' }, "can't be read (ENOENT): it contains U+2060 WORD JOINER"],
    [{ helper: ['good.example', 'a b'] }, '--helper is "a b"'],
    [{ listen: ['0.0.0.0:1'] }, '/ip4/0.0.0.0/tcp/12345'],
    [{ 'log-level': 'loud' }, 'one of silent, error, warn, info, debug, trace'],
    [{ data: '' }, '--data is ""'],
    [{ json: true, plain: true }, '--json and --plain contradict each other'],
    [{ config: '/no/such.json' }, "the configuration file /no/such.json can't be read (ENOENT)"],
  ] as const)('among the flags %j is named', async (flags, told) => {
    expect(await faultOf(resolvePeer(sources({ flags })))).toContain(told)
  })

  it.each([
    [{ nmae: 'x' }, '"nmae" in FILE is unknown. Did you mean name?'],
    [
      { network: { pingIntervalMS: 1 } },
      '"network.pingIntervalMS" in FILE is unknown. Did you mean pingIntervalMs?',
    ],
    [{ network: { pingIntervalMs: 'soon' } }, '"network.pingIntervalMs" in FILE is "soon"'],
    [{ network: { pingIntervalMs: 1 } }, 'a whole number of milliseconds from 250 to 600000'],
    [{ network: [] }, '"network" in FILE is [], which does not fit. What fits: an object of settings.'],
    [
      { network: { redialMinMs: 20_000 } },
      'network.redialMinMs (20000, "network.redialMinMs" in FILE) is above',
    ],
    [{ limits: { connections: 5 } }, '"limits" in FILE is a setting of the helper only'],
    [{ role: 'helper' }, '"role" in FILE is "helper": it configures the other program'],
    [JSON.parse('{"__proto__": {"name": "x"}}'), '"__proto__" in FILE is unknown'],
    [{ 'na\u200bme': 'x' }, 'is unknown: it contains U+200B ZERO WIDTH SPACE. Did you mean name?'],
    [{ room: 'a\u200bb' }, '"room" in FILE is "a\\u200bb", which does not fit: it contains U+200B'],
    ['{"name": ', 'FILE is not JSON'],
    ['{\u200b"name": "x"}', "FILE is not JSON (Expected property name or '}' in JSON at position 1"],
    ['\u200b{}', "FILE is not JSON (Unexpected token '\\u200b'"],
    ['[]', 'FILE holds no object'],
    ['x'.repeat(2_000_000), 'is larger than 1048576 bytes'],
  ])('in a file, %.60j, is named', async (settings, told) => {
    const path = await file(settings)
    const fault = await faultOf(resolvePeer(sources({ flags: { config: path } })))
    expect(fault).toContain(told.replaceAll('FILE', path))
    expect(fault).not.toContain('\n')
  })

  it('of a peer is none for a helper', async () => {
    const flags = { config: await file({ name: 'x' }) }
    expect(await faultOf(resolveHelper(sources({ flags })))).toContain('is a setting of peers only')
  })
})

describe('the port of a helper', () => {
  it('is 12345 unless given', async () => {
    const { config } = await resolveHelper(sources())
    expect(config.listen).toEqual(['/ip4/0.0.0.0/tcp/12345', '/ip6/::/tcp/12345'])
    expect(config).not.toHaveProperty('admin')
  })

  it('replaces the one of addresses that are not stronger', async () => {
    const flags = { port: '0', config: await file({ listen: ['/ip4/127.0.0.1/tcp/7'] }) }
    const { config, settings } = await resolveHelper(sources({ flags }))
    expect(config.listen).toEqual(['/ip4/127.0.0.1/tcp/0'])
    expect(settings.get('listen')?.place).toBe('--port')
    const env = { PARLEY_PORT: '9' }
    const listen = ['/ip4/127.0.0.1/tcp/7']
    expect((await resolveHelper(sources({ flags: { listen }, env }))).config.listen).toEqual(listen)
  })

  it('is said once', async () => {
    const flags = { port: '1', listen: ['/ip4/127.0.0.1/tcp/7'] }
    expect(await faultOf(resolveHelper(sources({ flags })))).toContain(
      '--port and --listen contradict each other',
    )
  })

  it.each(['x', '-1', '70000', '1.5', '', '0x10'])('is not %j', async port => {
    expect(await faultOf(resolveHelper(sources({ flags: { port } })))).toContain('a TCP port from 0 to 65535')
  })
})

describe('a configuration', () => {
  it('is frozen all the way down', async () => {
    const { config } = await resolvePeer(sources({ flags: { helper: ['a.example'] } }))
    for (const part of [config, config.helpers, config.helpers[0], config.network]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })

  it('of a helper has its admin address in parts', async () => {
    const { config } = await resolveHelper(sources({ flags: { admin: '127.0.0.1:9090' } }))
    expect(config.admin).toEqual({ host: '127.0.0.1', port: 9090 })
  })

  it('takes relative folders from where they stand', async () => {
    const flags = { config: await file({ dataDir: 'data' }) }
    expect((await resolvePeer(sources({ flags }))).config.dataDir).toBe(join(folder, 'data'))
  })
})
