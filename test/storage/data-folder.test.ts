import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { openDataFolder } from '../../src/storage/data-folder.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordingLogger } from './recording-logger.ts'

const folder = temporaryFolder()

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Another process that opens the folder, and the line that it said. `uid` runs it as another user. */
async function holder(path: string, uid?: number) {
  const script = fileURLToPath(new URL('./folder-holder.ts', import.meta.url))
  const child = spawn(process.execPath, [script, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid }),
  })
  children.push(child)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, said: JSON.parse(line) }
}

function opening(path: string): Promise<unknown> {
  return openDataFolder(path, 'a test').then(
    async opened => {
      await opened.close()
      return 'opened'
    },
    (error: unknown) => error,
  )
}

describe('a data folder', () => {
  it('is made for its owner alone', async () => {
    const path = join(folder(), 'deep', 'down')
    await using _ = await openDataFolder(path, 'a test')
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    for (const file of ['identity.key', 'lock.json']) {
      expect((await stat(join(path, file))).mode & 0o777).toBe(0o600)
    }
  })

  it('keeps its identity', async () => {
    const first = await openDataFolder(folder(), 'a test')
    await first.close()
    await using second = await openDataFolder(folder(), 'a test')
    expect(second.privateKey.equals(first.privateKey)).toBe(true)
    expect(second.privateKey.type).toBe('Ed25519')
  })

  it('leaves nothing behind that says it is held, and may be closed twice', async () => {
    const opened = await openDataFolder(folder(), 'a test')
    await Promise.all([opened.close(), opened.close()])
    await opened.close()
    expect(await readdir(folder())).not.toContain('lock.json')
  })

  it('warns when others may write to it', async () => {
    await chmod(folder(), 0o777)
    const logger = recordingLogger()
    await using _ = await openDataFolder(folder(), 'a test', logger)
    expect(logger.warnings.join()).toContain('others on this machine may change your data folder')
  })

  it('is not a file, nor below one', async () => {
    const file = join(folder(), 'file')
    await writeFile(file, '')
    for (const path of [file, join(file, 'below')]) {
      expect(await opening(path)).toMatchObject({
        code: 'not-a-folder',
        exitCode: 1,
        message: expect.stringContaining(path),
        remedy: expect.stringContaining('--data'),
      })
    }
  })
})

describe('two programs on one data folder', () => {
  it('are one too many, also within a process', async () => {
    await using _ = await openDataFolder(folder(), 'parley join tea (process 7)')
    expect(await opening(folder())).toMatchObject({
      code: 'data-folder-held',
      exitCode: 1,
      message: expect.stringMatching(/is in use by parley join tea \(process 7\), since \d{4}-\d\d-\d\dT/),
      remedy: expect.stringContaining('--data'),
    })
  })

  it('are told apart, and a killed one leaves the folder free', async () => {
    const { child, said } = await holder(folder())
    expect(said).toEqual({ opened: expect.any(String) })
    expect(await opening(folder())).toMatchObject({
      code: 'data-folder-held',
      message: expect.stringContaining(`parley join tea (process ${child.pid})`),
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    await using mine = await openDataFolder(folder(), 'a test')
    expect(mine.privateKey.publicKey.toString()).toBe(said.opened)
  })

  it('are told apart without a note, too', async () => {
    await using _ = await openDataFolder(folder(), 'a test')
    await writeFile(join(folder(), 'lock.json'), 'half a no')
    expect(await opening(folder())).toMatchObject({
      message: expect.stringContaining('in use by another parley'),
    })
  })
})

describe('a data folder that cannot be used', () => {
  it("is refused with a reason when it is another user's", async () => {
    const path = join(folder(), 'private')
    await mkdir(path, { mode: 0o700 })
    await chmod(folder(), 0o755)
    // The superuser may do everything, so then another user tries.
    const isRoot = process.getuid?.() === 0
    if (!isRoot) await chmod(path, 0)
    const { said } = await holder(path, isRoot ? 65_534 : undefined)
    if (!isRoot) await chmod(path, 0o700)
    expect(said.refused).toMatchObject({
      code: 'disk-denied',
      message: expect.stringContaining(`${path}: permission denied`),
      remedy: expect.stringContaining('--data'),
    })
  })

  it.runIf(process.platform === 'linux')('is refused where no folder can be made', async () => {
    expect(await opening('/proc/parley/data')).toMatchObject({
      code: 'disk-error',
      message: expect.stringContaining('ENOENT'),
    })
  })

  it('is refused when its lock is no file', async () => {
    await mkdir(join(folder(), 'lock'))
    expect(await opening(folder())).toMatchObject({ code: 'data-folder-unlockable' })
  })
})
