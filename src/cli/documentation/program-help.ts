/** What help says beside commands and options. */

export const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'well'],
  ['1', 'a failure'],
  ['2', 'wrong usage or configuration'],
  ['3', 'not delivered in time (send)'],
  ['130', 'interrupted a second time'],
]

export const MORE_HELP = `
Without a command, parley asks for a username and a helper on its first start and joins the room lobby.
Every option can also be given as an environment variable (--log-level is PARLEY_LOG_LEVEL) or, with --config,
in a file. parley config shows what is in effect and where it came from.

Exit codes: ${EXIT_CODES.map(([code, meaning]) => `${code} ${meaning}`).join(', ')}.`
