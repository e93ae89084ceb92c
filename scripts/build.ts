/** Builds the program into dist/. `npm ci` runs it (the prepare script), `npm run build` too, and the tests before they start. */
import { join } from 'node:path'
import { bundle } from './build/bundle.ts'
import { licenceNotices } from './build/licences.ts'
import { replaceFolder } from './build/write.ts'

const ROOT = join(import.meta.dirname, '..')

export async function buildProgram(): Promise<void> {
  const dist = join(ROOT, 'dist')
  const { files, metafile } = await bundle(ROOT, dist)
  const notices = {
    path: join(dist, 'THIRD-PARTY-LICENSES.txt'),
    contents: Buffer.from(licenceNotices(ROOT, metafile)),
  }
  replaceFolder(dist, [...files, notices])
}

if (import.meta.main) await buildProgram()
