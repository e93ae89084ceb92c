/** Builds the program into dist/. `npm ci` runs it (the prepare script), `npm run build` too, and the tests before they start. */
import { join } from 'node:path'
import { bundle } from './build/bundle.ts'
import { licenceNotices } from './build/licences.ts'
import { manual } from './build/manual.ts'
import { replaceFolder } from './build/write.ts'

const ROOT = join(import.meta.dirname, '..')

export async function buildProgram(): Promise<void> {
  const dist = join(ROOT, 'dist')
  const { files, metafile } = await bundle(ROOT, dist)
  const notices = {
    path: join(dist, 'THIRD-PARTY-LICENSES.txt'),
    contents: Buffer.from(licenceNotices(ROOT, metafile)),
  }
  const page = { path: join(dist, 'parley.1'), contents: Buffer.from(await manual()) }
  replaceFolder(dist, [...files, notices, page])
}

if (import.meta.main) await buildProgram()
