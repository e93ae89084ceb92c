/** The committed files in `config/`: all are read by the program, so all must fit its schema. */

import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  renderSchema,
  renderSettingsSchema,
  SCHEMA_FILE,
  SETTINGS_SCHEMA_FILE,
} from '../../scripts/schema.ts'
import { OPTIONS } from '../../src/config/options.ts'
import { resolveHelper, resolvePeer } from '../../src/config/resolve.ts'
import { keysAt } from '../../src/config/schema.ts'

const CONFIG = resolve(import.meta.dirname, '../../config')
const FILES = globSync('**/*.json', { cwd: CONFIG }).filter(file => !file.endsWith('.schema.json'))
const HOST = { platform: process.platform, home: '/home/ann', login: 'ann', cwd: '/' }

describe('the JSON Schema', () => {
  it('is the one that the program checks with (else run: node scripts/schema.ts)', async () => {
    expect(await readFile(SCHEMA_FILE, 'utf8')).toBe(await renderSchema())
    expect(await readFile(SETTINGS_SCHEMA_FILE, 'utf8')).toBe(renderSettingsSchema())
  })

  it('tells unit, default and reason of every number', async () => {
    const schema = JSON.parse(await renderSchema())
    const { network, retention, limits } = schema.properties
    const { registrationTtlSeconds, ...amounts } = limits.properties
    const numbers = {
      ...network.properties,
      ...retention.properties,
      ...amounts,
      ...registrationTtlSeconds.properties,
    }
    expect(Object.keys(numbers)).toHaveLength(25)
    for (const number of Object.values(numbers)) {
      expect(number).toMatchObject({
        default: expect.any(Number),
        description: expect.stringMatching(/ Unit: \w+\.$/),
      })
    }
  })
})

describe('every configuration file', () => {
  it.each(FILES)('%s names the schema and fits it', async file => {
    const path = join(CONFIG, file)
    const settings = JSON.parse(await readFile(path, 'utf8'))
    expect(relative(CONFIG, resolve(dirname(path), settings.$schema))).toBe('parley.schema.json')
    const resolveIt = settings.role === 'helper' ? resolveHelper : resolvePeer
    await expect(resolveIt({ flags: { config: path }, env: {}, host: HOST })).resolves.toBeDefined()
  })

  it('has the four of the demo', () => {
    const demo = FILES.filter(file => file.startsWith('demo'))
    expect(demo.map(file => file.replaceAll('\\', '/')).sort()).toEqual(
      [1, 2, 3, 4].map(n => `demo/client-0${n}.json`),
    )
  })
})

describe('the options', () => {
  it('each give a value to a setting', () => {
    for (const option of OPTIONS) {
      const path = option.key.split('.')
      expect(path[0] === 'config' ? ['config'] : keysAt(path.slice(0, -1))).toContain(path.at(-1))
    }
  })
})
