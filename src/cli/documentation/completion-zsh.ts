/** Completion for zsh, by `_arguments`: with descriptions. */
import { quoted } from './completion-quote.ts'
import type { CommandOutline, OptionOutline, ProgramOutline } from './outline.ts'

/** The lines of the script, of which the first stays the first. */
export function zshCompletion(program: ProgramOutline): readonly string[] {
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

/** Without what means something in a specification. */
function plain(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, '\\$&')
}
