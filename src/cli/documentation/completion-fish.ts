/** Completion for fish: a line for each thing that can be completed. */
import { fishQuoted } from './completion-quote.ts'
import type { CommandOutline, OptionOutline, ProgramOutline } from './outline.ts'

/** The lines of the script. */
export function fishCompletion(program: ProgramOutline): readonly string[] {
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
