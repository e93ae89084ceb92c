/** Completion for bash, from 3.2 on: words, values of options, files and folders. */
import type { OptionOutline, ProgramOutline } from './outline.ts'

/** The lines of the script. */
export function bashCompletion(program: ProgramOutline): readonly string[] {
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

/** Options are offered once one was begun. */
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

/** Words with line ends between them, as `IFS` says. */
function list(words: readonly string[]): string {
  return `$'${words.join('\\n')}'`
}
