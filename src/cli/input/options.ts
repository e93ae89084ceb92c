/**
 * The option table as options of the command-line parser, and what was given back from it.
 */
import { type Command, Option } from 'commander'
import type { Flags } from '../../config/layers.ts'
import { OPTIONS, type OptionSpec } from '../../config/options.ts'

/** Lets the command take these options. */
export function addOptions(command: Command, specs: readonly OptionSpec[]): Command {
  for (const spec of specs) command.addOption(parserOption(spec))
  return command
}

/** The options given to this command, or before it to its parent: `parley --json join` is `parley join --json`. */
export function givenFlags(command: Command): Flags {
  const flags: Record<string, Flags[string]> =
    command.parent === null ? {} : { ...givenFlags(command.parent) }
  for (const spec of OPTIONS) {
    const option = command.options.find(candidate => candidate.long === `--${spec.flag}`)
    if (option === undefined) continue
    if (command.getOptionValueSource(option.attributeName()) !== 'cli') continue
    const value: unknown = command.getOptionValue(option.attributeName())
    flags[spec.flag] = spec.form.kind === 'switch' ? true : (value as string | readonly string[])
  }
  return flags
}

function parserOption(spec: OptionSpec): Option {
  switch (spec.form.kind) {
    case 'switch':
      return new Option(`--${spec.flag}`, spec.help)
    case 'list':
      return new Option(`--${spec.flag} <${spec.form.placeholder}>`, spec.help).argParser(collect)
    case 'text':
    case 'number':
      return new Option(`--${spec.flag} <${spec.form.placeholder}>`, spec.help)
  }
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}
