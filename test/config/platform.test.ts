import { describe, expect, it } from 'vitest'
import {
  absoluteFolder,
  type HostFacts,
  platformDataFolder,
  usernameFromLogin,
} from '../../src/config/platform.ts'

const LINUX: HostFacts = { platform: 'linux', home: '/home/ann', login: 'ann', cwd: '/work' }
const MAC: HostFacts = { ...LINUX, platform: 'darwin', home: '/Users/ann' }
const WINDOWS: HostFacts = { platform: 'win32', home: 'C:\\Users\\ann', login: 'ann', cwd: 'C:\\work' }

describe('the data folder of the platform', () => {
  it('follows the XDG specification on Linux', () => {
    expect(platformDataFolder('peer', LINUX, {})).toBe('/home/ann/.local/share/parley')
    expect(platformDataFolder('peer', LINUX, { XDG_DATA_HOME: '/data' })).toBe('/data/parley')
    expect(platformDataFolder('peer', LINUX, { XDG_DATA_HOME: 'relative' })).toBe(
      '/home/ann/.local/share/parley',
    )
  })

  it('is where macOS and Windows keep such things', () => {
    expect(platformDataFolder('peer', MAC, {})).toBe('/Users/ann/Library/Application Support/parley')
    expect(platformDataFolder('peer', WINDOWS, {})).toBe('C:\\Users\\ann\\AppData\\Local\\parley')
    expect(platformDataFolder('peer', WINDOWS, { LOCALAPPDATA: 'D:\\local' })).toBe('D:\\local\\parley')
  })

  it('is another one for a helper, so that both run on one machine', () => {
    expect(platformDataFolder('helper', LINUX, {})).toBe('/home/ann/.local/share/parley-helper')
  })
})

describe('a folder as the user wrote it', () => {
  it('is relative to where it was written', () => {
    expect(absoluteFolder('data', '/etc/parley', LINUX)).toBe('/etc/parley/data')
    expect(absoluteFolder('/data', '/etc/parley', LINUX)).toBe('/data')
    expect(absoluteFolder('data', 'C:\\work', WINDOWS)).toBe('C:\\work\\data')
  })

  it('may begin with the home folder', () => {
    expect(absoluteFolder('~/chat', '/etc', LINUX)).toBe('/home/ann/chat')
    expect(absoluteFolder('~', '/etc', LINUX)).toBe('/home/ann')
    expect(absoluteFolder('~bob', '/etc', LINUX)).toBe('/etc/~bob')
  })
})

describe('the login name as a username', () => {
  it.each([
    ['ann', 'ann'],
    ['DOMAIN\\ann', 'DOMAIN\\ann'],
    ['', 'guest'],
    ['\u001b[2J', 'guest'],
    ['x'.repeat(50), 'x'.repeat(32)],
  ])('%j is %s', (login, name) => {
    expect(usernameFromLogin(login)).toBe(name)
  })
})
