/**
 * `parley completion`: the completion script of a shell, generated from the command line's definition.
 */
import type { CommandOutline, OptionOutline, ProgramOutline } from './outline.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof SHELLS)[number]

/** How to use each shell's script. */
const INSTRUCTIONS: Readonly<Record<Shell, string>> = {
  bash: 'source <(parley completion bash)      # in ~/.bashrc',
  zsh: 'source <(parley completion zsh)       # in ~/.zshrc, after compinit',
  fish: 'parley completion fish > ~/.config/fish/completions/parley.fish',
}

/** The script, with its own instructions. */
export function completionScript(shell: Shell, program: ProgramOutline): string {
  const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }
  const [first = '', ...rest] = scripts[shell](program)
  const about = [
    `# ${shell} completion for parley: what it knows comes from the program itself.`,
    `# ${INSTRUCTIONS[shell]}`,
  ]
  // zsh recognises a completion file by its first line
  const lines = shell === 'zsh' ? [first, ...about, ...rest] : [...about, first, ...rest]
  return `${lines.join('\n')}\n`
}

// Completion for bash, from 3.2 on: words, values of options, files and folders.

function bashCompletion(program: ProgramOutline): readonly string[] {
  const { commands } = program
  const all = [program, ...commands].flatMap(command => command.options)
  return [
    '_parley() {',
    `  local IFS=$'\\n' cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" at`,
    '  # "=" is a word of its own',
    `  if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi`,
    '  COMPREPLY=()',
    '  case "$prev" in',
    ...valueCases(all),
    '  esac',
    '  for (( at = 1; at < COMP_CWORD; at++ )); do',
    `    case "\${COMP_WORDS[at]}" in`,
    `      ${namesOf(all.filter(takesValue)).join('|')}) if [[ "\${COMP_WORDS[at+1]}" == "=" ]]; then (( at += 2 )); else (( at++ )); fi ;;`,
    `      ${commands.map(({ name }) => name).join('|')}) command="\${COMP_WORDS[at]}"; break ;;`,
    '    esac',
    '  done',
    '  case "$command" in',
    ...commands.map(command =>
      wordsCase(
        command.name,
        optionsOf(command),
        command.arguments.flatMap(one => one.words),
      ),
    ),
    wordsCase(
      '*',
      optionsOf(program),
      commands.map(({ name }) => name),
    ),
    '  esac',
    '  COMPREPLY=( $(compgen -W "$words" -- "$cur") )',
    '}',
    'complete -F _parley parley',
  ]
}

function valueCases(options: readonly OptionOutline[]): readonly string[] {
  const fixed = options.filter(({ values }) => values.kind !== 'any').map(fixedCase)
  const others = options.filter(option => takesValue(option) && option.values.kind === 'any')
  return [...new Set(fixed), `    ${namesOf(others).join('|')}) return ;;`]
}

function fixedCase({ long, values }: OptionOutline): string {
  const what = values.kind === 'words' ? `-W ${list(values.words)}` : values.kind === 'folder' ? '-d' : '-f'
  const asFiles = values.kind === 'words' ? '' : 'compopt -o filenames 2>/dev/null; '
  return `    ${long}) ${asFiles}COMPREPLY=( $(compgen ${what} -- "$cur") ); return ;;`
}

/** Options are offered after a dash. */
function wordsCase(name: string, options: readonly string[], words: readonly string[]): string {
  return `    ${name}) if [[ $cur == -* ]]; then words=${list(options)}; else words=${list(words)}; fi ;;`
}

function takesValue(option: OptionOutline): boolean {
  return option.value !== undefined
}

function optionsOf({ options }: { readonly options: readonly OptionOutline[] }): readonly string[] {
  return options.map(({ long }) => long)
}

function namesOf(options: readonly OptionOutline[]): readonly string[] {
  return [...new Set(options.flatMap(({ long, short }) => [long, ...(short ? [short] : [])]))]
}

/** Words separated by line ends, as `IFS` says. */
function list(words: readonly string[]): string {
  return `$'${words.join('\\n')}'`
}

// Completion for fish: one line for each candidate.

/** The lines of the script. */
function fishCompletion(program: ProgramOutline): readonly string[] {
  const { commands } = program
  const names = commands.map(({ name }) => name).join(' ')
  const first = `not __fish_seen_subcommand_from ${names}`
  return [
    'complete -c parley -f',
    ...commands.map(({ name, about }) => line(first, `-a ${name} -d ${fishQuoted(about)}`)),
    ...program.options.map(option => line(first, flagOf(option))),
    ...commands.flatMap(linesOf),
  ]
}

function linesOf({ name, arguments: words, options }: CommandOutline): readonly string[] {
  const when = `__fish_seen_subcommand_from ${name}`
  const choices = words.flatMap(one => one.words)
  const own = choices.length === 0 ? [] : [line(when, `-a ${fishQuoted(choices.join(' '))}`)]
  return [...own, ...options.map(option => line(when, flagOf(option)))]
}

function flagOf({ long, short, value, values, help }: OptionOutline): string {
  const names = `-l ${long.slice('--'.length)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`
  return `${names}${value === undefined ? '' : ` ${completionOf(values)}`} -d ${fishQuoted(help)}`
}

function completionOf(values: OptionOutline['values']): string {
  switch (values.kind) {
    case 'words':
      return `-x -a ${fishQuoted(values.words.join(' '))}`
    case 'folder':
      return "-x -a '(__fish_complete_directories)'"
    case 'file':
      return '-r -F'
    case 'any':
      return '-x'
  }
}

function line(when: string, what: string): string {
  return `complete -c parley -n ${fishQuoted(when)} ${what}`
}

// Completion for zsh, by `_arguments`, with descriptions.

/** The lines of the script; the first must stay first. */
function zshCompletion(program: ProgramOutline): readonly string[] {
  const { commands } = program
  return [
    '#compdef parley',
    '_parley() {',
    '  local curcontext="$curcontext" state line',
    '  typeset -A opt_args',
    '  local -a commands=(',
    ...commands.map(({ name, about }) => `    ${quoted(`${name}:${about.replaceAll(':', '\\:')}`)}`),
    '  )',
    '  _arguments -C \\',
    ...program.options.map(option => `    ${specOf(option)} \\`),
    "    '1: :->command' '*:: :->rest'",
    '  case $state in',
    "    command) _describe -t commands 'command' commands ;;",
    '    rest)',
    '      case $line[1] in',
    ...commands.flatMap(caseOf),
    '      esac ;;',
    '  esac',
    '}',
    'if [ "$funcstack[1]" = "_parley" ]; then _parley "$@"; else compdef _parley parley; fi',
  ]
}

function caseOf(command: CommandOutline): readonly string[] {
  const words = command.arguments.map(({ usage, words }, index) => {
    const place = usage.includes('…') ? '*' : String(index + 1)
    return quoted(`${place}:${plain(usage)}:${words.length > 0 ? `(${words.join(' ')})` : ''}`)
  })
  const specs = [...command.options.map(specOf), ...words]
  return [`        ${command.name}) _arguments \\`, `          ${specs.join(' \\\n          ')} ;;`]
}

function specOf({ long, value, values, times, help }: OptionOutline): string {
  const often = times === 'any' ? '*' : ''
  const after = value === undefined ? '' : `:${plain(value)}:${actionOf(values)}`
  return quoted(`${often}${long}[${plain(help)}]${after}`)
}

function actionOf(values: OptionOutline['values']): string {
  switch (values.kind) {
    case 'words':
      return `(${values.words.join(' ')})`
    case 'folder':
      return '_files -/'
    case 'file':
      return '_files'
    case 'any':
      return ''
  }
}

/** Escapes what has a meaning in a specification. */
function plain(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, '\\$&')
}

/** In single quotes, for POSIX shells and zsh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** In single quotes, for fish, where a backslash means something. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`
}
