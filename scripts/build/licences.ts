/**
 * The licence notices of every package whose code is in the bundle: most licences ask that their text travels with
 * the code. Which packages those are is read from the bundler's own account, not from package.json, so that nothing is
 * forgotten and nothing is listed that isn't there.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

const NOTICE_FILE = /^(licen[cs]e|copying|notice)/i
const SEPARATOR = `\n${'-'.repeat(80)}\n\n`

/**
 * @param root - the folder that the metafile's paths start from
 * @throws when a bundled package names no licence: then it may not be shipped
 */
export function licenceNotices(root: string, metafile: Metafile): string {
  const notices = [...bundledPackages(metafile)].map(folder => noticeOf(join(root, folder)))
  const head = 'parley contains code of the packages below, each under the licence that follows its name.\n'
  return [head, ...notices.toSorted()].join(SEPARATOR)
}

function bundledPackages(metafile: Metafile): Set<string> {
  const folders = new Set<string>()
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = bytesInOutput > 0 ? packageFolder(path) : undefined
      if (folder !== undefined) folders.add(folder)
    }
  }
  return folders
}

/** `node_modules/@scope/name/dist/x.js` to `node_modules/@scope/name`; also when nested; undefined for own files. */
function packageFolder(path: string): string | undefined {
  return /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0]
}

function noticeOf(folder: string): string {
  const { name, version, license } = readManifest(folder)
  if (license === undefined) throw new Error(`${name} names no licence, so it may not be shipped`)
  const texts = readdirSync(folder)
    .filter(file => NOTICE_FILE.test(file))
    .map(file => readFileSync(join(folder, file), 'utf8').trim())
  return [`${name} ${version} (${license})`, ...texts, ''].join('\n\n')
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
