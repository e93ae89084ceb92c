/** Whoever starts parley on an old Node reads one line that says so, not a stack trace. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { Stage } from '../support/process-stage.ts'

const OLDEST_MAJOR = 24

/** Makes any Node claim to be an old one. */
const DISGUISE = `
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.0' } })
Object.defineProperty(process, 'version', { value: 'v18.20.0' })
`

/** The old Nodes that this machine really has. */
function oldNodes(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const all = [...new Set(folders.map(folder => join(folder, 'node')).filter(existsSync))]
  return all.filter(node => majorOf(execFileSync(node, ['--version'], { encoding: 'utf8' })) < OLDEST_MAJOR)
}

function majorOf(version: string): number {
  return Number.parseInt(version.slice('v'.length), 10)
}

test.each(['disguise', ...oldNodes()])('the old Node of %s', async node => {
  await using stage = await Stage.open()
  const disguise = stage.path('disguise.cjs')
  await writeFile(disguise, DISGUISE)
  const how = node === 'disguise' ? { nodeArgs: ['--require', disguise] } : { node }
  const program = stage.run(['join', 'lobby', '--json'], how)
  await program.exits(1)
  expect(program.output).toBe('')
  expect(program.stderr).toMatch(/^parley: needs Node\.js 24 or newer, but .+ is v\d+\.\d+\.\d+\. .+\n$/)
})
