import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { describe, expect, it } from 'vitest'
import { openDataFolder } from '../../src/storage/data-folder.ts'
import { IDENTITY_FILE, readIdentity } from '../../src/storage/identity.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const keyFile = () => join(folder(), IDENTITY_FILE)

function opening(): Promise<unknown> {
  return openDataFolder(folder(), 'a test').then(
    opened => opened.close(),
    (error: unknown) => error,
  )
}

describe('the identity', () => {
  it('is absent until it is made', async () => {
    expect(await readIdentity(folder())).toBeUndefined()
    await opening()
    expect(await readIdentity(folder())).toMatchObject({ type: 'Ed25519' })
  })

  it('is made once only', async () => {
    await opening()
    const bytes = await readFile(keyFile())
    await opening()
    expect(await readFile(keyFile())).toEqual(bytes)
  })

  it('is read while another program holds the folder', async () => {
    await using held = await openDataFolder(folder(), 'a test')
    const read = await readIdentity(folder())
    expect(read?.equals(held.privateKey)).toBe(true)
  })

  it.each([
    ['nothing', async () => new Uint8Array()],
    ['garbage', async () => Buffer.from('not a key')],
    ['too much', async () => new Uint8Array(100_000)],
    ['half a key', async () => privateKeyToProtobuf(await generateKeyPair('Ed25519')).subarray(0, 40)],
    ['a key of another kind', async () => privateKeyToProtobuf(await generateKeyPair('secp256k1'))],
  ])('is refused and left alone when the file holds %s', async (_, make) => {
    const bytes = await make()
    await writeFile(keyFile(), bytes, { mode: 0o600 })
    expect(await opening()).toMatchObject({
      code: 'identity-corrupt',
      message: expect.stringContaining(keyFile()),
      remedy: expect.stringContaining('backup'),
    })
    expect(new Uint8Array(await readFile(keyFile()))).toEqual(new Uint8Array(bytes))
  })

  it('is refused when others may read it, as ssh does', async () => {
    await opening()
    await chmod(keyFile(), 0o644)
    expect(await opening()).toMatchObject({
      code: 'identity-open',
      message: expect.stringContaining('0644'),
      remedy: expect.stringContaining(`chmod 600 ${keyFile()}`),
    })
    await chmod(keyFile(), 0o600)
    expect(await opening()).toBeUndefined()
  })

  it('gives the folder free when it is refused', async () => {
    await mkdir(keyFile())
    expect(await opening()).toMatchObject({ code: 'not-a-file' })
    await rm(keyFile(), { recursive: true })
    expect(await opening()).toBeUndefined()
  })

  it('is not disturbed by what a crash left beside it', async () => {
    await writeFile(`${keyFile()}.new`, 'half a key', { mode: 0o644 })
    expect(await opening()).toBeUndefined()
    expect(await readIdentity(folder())).toBeDefined()
  })
})
