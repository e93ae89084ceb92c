import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder } from '../../src/storage/make-folder.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

function isFolder(path: string): boolean {
  return statSync(path).isDirectory()
}

describe('a folder', () => {
  it('is made with those above it, all with the mode', () => {
    const path = join(folder(), 'a', 'b', 'c')
    makeFolder(path, 0o700)
    for (const made of [path, join(path, '..'), join(path, '..', '..')]) {
      expect(statSync(made).mode & 0o777).toBe(0o700)
    }
  })

  it('that is there stays as it is, also behind a link', () => {
    const [path, link] = [join(folder(), 'there'), join(folder(), 'link')]
    mkdirSync(path, 0o755)
    symlinkSync(path, link)
    makeFolder(path, 0o700)
    makeFolder(join(link, 'below'), 0o700)
    expect(statSync(path).mode & 0o777).toBe(0o755)
    expect(isFolder(join(path, 'below'))).toBe(true)
    makeFolder('/', 0o700)
  })

  it('is not made in the place of something else, or below it', () => {
    const [file, link] = [join(folder(), 'file'), join(folder(), 'link')]
    writeFileSync(file, '')
    symlinkSync(join(folder(), 'nowhere'), link)
    expect(() => makeFolder(file, 0o700)).toThrow('EEXIST')
    expect(() => makeFolder(link, 0o700)).toThrow('EEXIST')
    expect(() => makeFolder(join(file, 'a', 'b'), 0o700)).toThrow('ENOTDIR')
  })

  it.runIf(process.platform === 'linux')('ends where the file system takes none', () => {
    expect(() => makeFolder('/proc/1/nope/a/b', 0o700)).toThrow('ENOENT')
  })

  it('ends where the path is too long', () => {
    expect(() => makeFolder(join(folder(), ...Array(5_000).fill('a')), 0o700)).toThrow('ENAMETOOLONG')
  })
})
