/**
 * The address of the router that this machine sends to whatever isn't on its own network. Node doesn't tell it: Linux
 * has it in a file, other systems print it in a table of routes.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { endianness, platform } from 'node:os'
import { promisify } from 'node:util'

/** Printing a table of routes takes milliseconds. */
const PRINT_MS = 3_000
/** Linux: the route leads to a router, rather than to a network on this cable. */
const TO_ROUTER = 0x2
/** macOS and the BSDs write `default ROUTER …`, Windows `0.0.0.0 0.0.0.0 ROUTER …`. */
const DEFAULT_ROUTE = /^\s*(?:default|0\.0\.0\.0\s+0\.0\.0\.0)\s+(?<router>\d+\.\d+\.\d+\.\d+)\s/m

/** An IPv4 address; undefined if there is no router, or the system doesn't say. */
export async function routerAddress(system: string = platform()): Promise<string | undefined> {
  try {
    if (system === 'linux') return readLinuxRoutes(await readFile('/proc/net/route', 'utf8'), endianness())
    return readRouteTable(await print(system))
  } catch {
    // no such table: then a router can't be asked, and everything else works
    return undefined
  }
}

/** The router in what Linux tells: the one of the least metric. */
export function readLinuxRoutes(table: string, order: 'LE' | 'BE'): string | undefined {
  const routes = table.split('\n').flatMap(line => {
    const [, to, router = '', flags = '0', , , metric = '0', mask] = line.split('\t')
    const isDefault = to === '00000000' && mask === '00000000' && (Number.parseInt(flags, 16) & TO_ROUTER) > 0
    return isDefault && /^[0-9a-f]{8}$/i.test(router) ? [{ router, metric: Number(metric) }] : []
  })
  const [best] = routes.toSorted((a, b) => a.metric - b.metric)
  if (best === undefined) return undefined
  const bytes = [...Buffer.from(best.router, 'hex')]
  return (order === 'LE' ? bytes.toReversed() : bytes).join('.')
}

/** The router in what other systems print. */
export function readRouteTable(table: string): string | undefined {
  return DEFAULT_ROUTE.exec(table)?.groups?.['router']
}

async function print(system: string): Promise<string> {
  const [file, args] =
    system === 'win32' ? ['route', ['print', '-4', '0.0.0.0']] : (['netstat', ['-rn', '-f', 'inet']] as const)
  const { stdout } = await promisify(execFile)(file, [...args], { timeout: PRINT_MS, windowsHide: true })
  return stdout
}
