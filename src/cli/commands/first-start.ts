/**
 * The questions of the first start: username, the helper's address and port. Only what isn't set elsewhere is
 * asked; an invalid answer is asked again.
 */
import { createInterface } from 'node:readline'
import { HELPER_FITS, HELPER_PORT, hostPort, namesPort, parseHelperAddress } from '../../config/address.ts'
import type { RememberedAnswers } from '../../config/layers.ts'
import { unseenClause } from '../../room/names/character-name.ts'
import { checkName } from '../../room/names/names.ts'
import { type Io, isInteractive } from '../io.ts'

export interface FirstStart {
  /** The default username. */
  readonly loginName: string
  readonly ask: readonly ('name' | 'helper')[]
}

/** Asks. Resolves with undefined if the user ends the program instead (Ctrl-C, Ctrl-D). */
export async function askFirstStart(start: FirstStart, io: Io): Promise<RememberedAnswers | undefined> {
  using terminal = openTerminal(io)
  try {
    return {
      ...(start.ask.includes('name') ? { name: await askName(start.loginName, terminal) } : {}),
      ...(start.ask.includes('helper') ? { helper: await askHelper(terminal) } : {}),
    }
  } catch (error) {
    if (error instanceof UserEnded) return undefined
    throw error
  }
}

/** The user ended the program. */
class UserEnded extends Error {}

interface Terminal extends Disposable {
  /** The next line, trimmed. Throws `Ended`. */
  readonly question: (text: string) => Promise<string>
  readonly say: (text: string) => void
}

/** Keeps every line in order, including those pasted before their question. */
function openTerminal(io: Io): Terminal {
  const editor = createInterface({ input: io.stdin, output: io.stdout, terminal: isInteractive(io) })
  const typed: string[] = []
  let isOpen = true
  let news = Promise.withResolvers<void>()
  editor.on('line', line => {
    typed.push(line)
    news.resolve()
  })
  editor.on('SIGINT', () => editor.close())
  editor.once('close', () => {
    isOpen = false
    news.resolve()
  })
  return {
    async question(text) {
      editor.setPrompt(text)
      if (isOpen) editor.prompt()
      while (typed.length === 0) {
        if (!isOpen) throw new UserEnded()
        news = Promise.withResolvers()
        await news.promise
      }
      return (typed.shift() ?? '').trim()
    },
    say: text => io.stdout.write(`${text}\n`),
    [Symbol.dispose]: () => editor.close(),
  }
}

async function askName(loginName: string, terminal: Terminal): Promise<string> {
  for (;;) {
    const answer = await terminal.question(`Username (${loginName}): `)
    const checked = checkName(answer === '' ? loginName : answer)
    if (checked.kind === 'valid') return checked.name
    terminal.say(`That ${checked.reason}.`)
  }
}

async function askHelper(terminal: Terminal): Promise<string> {
  for (;;) {
    const host = await terminal.question("Helper's IP address (empty: none, use the local network): ")
    if (host === '') return ''
    if (parseHelperAddress(host) === undefined)
      terminal.say(`That is no address${unseenClause(host)}. What fits: ${HELPER_FITS}.`)
    else return namesPort(host) ? host : askPort(host, terminal)
  }
}

async function askPort(host: string, terminal: Terminal): Promise<string> {
  for (;;) {
    const answer = await terminal.question(`Helper's port (${HELPER_PORT}): `)
    const address = hostPort(host, answer === '' ? String(HELPER_PORT) : answer)
    if (parseHelperAddress(address) !== undefined) return address
    terminal.say(`That is no port${unseenClause(answer)}. What fits: a port from 1 to 65535.`)
  }
}
