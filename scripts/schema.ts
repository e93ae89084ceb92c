/**
 * Writes the JSON Schemas of configuration files and of the screen's settings into `config/`, from the schemas that the
 * program checks them with. Run `node scripts/schema.ts` after changing a setting; a test fails until it is done.
 */
import { readFile, writeFile } from 'node:fs/promises'
import * as z from 'zod/mini'
import { layerSchema } from '../src/config/schema.ts'
import { SCREEN_DEFAULTS, screenFileSchema } from '../src/config/screen-settings.ts'

export const SETTINGS_SCHEMA_FILE = new URL('../config/settings.schema.json', import.meta.url)
export const SCHEMA_FILE = new URL('../config/parley.schema.json', import.meta.url)

type Json = Record<string, unknown>

/** The text of the schema file, with the defaults of `config/` written in. */
export async function renderSchema(): Promise<string> {
  const peer = await readJson('../config/default.json')
  const helper = await readJson('../config/helper.json')
  const schema = z.toJSONSchema(layerSchema) as Json
  addDefaults(schema, peer, helper)
  const { $schema, ...rest } = schema
  const title = 'Configuration of parley'
  return format({ $schema, title, ...rest })
}

/** The text of the schema file of the screen's settings. */
export function renderSettingsSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(screenFileSchema) as Json
  for (const [key, property] of Object.entries(rest['properties'] ?? {}) as [string, Json][]) {
    const standard = defaultOf(SCREEN_DEFAULTS, key)
    if (standard !== undefined) property['default'] = standard
  }
  return format({ $schema, title: "Settings of parley's screen", ...rest })
}

async function readJson(path: string): Promise<Json> {
  return JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'))
}

/** A default that differs between the roles can't be the schema's `default`: it is told in words. */
function addDefaults(schema: Json, peer: unknown, helper: unknown): void {
  for (const [key, property] of Object.entries(schema['properties'] ?? {}) as [string, Json][]) {
    if (key === '$schema' || key === 'role') continue
    const [a, b] = [defaultOf(peer, key), defaultOf(helper, key)]
    if ('properties' in property) {
      addDefaults(property, a, b)
    } else if (a !== undefined && b !== undefined && JSON.stringify(a) !== JSON.stringify(b)) {
      property['description'] =
        `${property['description']} Default: ${JSON.stringify(a)}, helper ${JSON.stringify(b)}.`
    } else if (a !== undefined || b !== undefined) {
      property['default'] = a ?? b
    }
  }
}

function defaultOf(object: unknown, key: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, key) : undefined
}

/** Lists of plain values on one line, as the formatter wants them. */
function format(schema: Json): string {
  const text = JSON.stringify(schema, undefined, 2)
  return `${text.replace(/\[\n\s+([^[\]{}]*?)\n\s+\]/g, (_, items: string) => `[${items.replace(/\n\s+/g, ' ')}]`)}\n`
}

if (import.meta.main) {
  await writeFile(SCHEMA_FILE, await renderSchema())
  await writeFile(SETTINGS_SCHEMA_FILE, renderSettingsSchema())
}
