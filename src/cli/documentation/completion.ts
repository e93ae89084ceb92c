/** `parley completion`: the completion script of a shell, made of the command line itself. */
import { bashCompletion } from './completion-bash.ts'
import { fishCompletion } from './completion-fish.ts'
import { zshCompletion } from './completion-zsh.ts'
import type { ProgramOutline } from './outline.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof SHELLS)[number]

/** How each shell is told to use its script. */
const USES: Readonly<Record<Shell, string>> = {
  bash: 'source <(parley completion bash)      # in ~/.bashrc',
  zsh: 'source <(parley completion zsh)       # in ~/.zshrc, after compinit',
  fish: 'parley completion fish > ~/.config/fish/completions/parley.fish',
}

/** The script, which says itself how to use it. */
export function completionScript(shell: Shell, program: ProgramOutline): string {
  const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }
  const [first = '', ...rest] = scripts[shell](program)
  const about = [
    `# ${shell} completion for parley: what it knows comes from the program itself.`,
    `# ${USES[shell]}`,
  ]
  // zsh finds what a file is for by its first line
  const lines = shell === 'zsh' ? [first, ...about, ...rest] : [...about, first, ...rest]
  return `${lines.join('\n')}\n`
}
