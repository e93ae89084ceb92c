/**
 * Enter: sends the line, or carries it out if it is a command. What can't be sent stays on the line with an
 * explanation, so that nobody types anything twice.
 */

import { parseLine, unknownCommand } from '../../api/command-parser.ts'
import type { Input } from '../../api/inputs.ts'
import { MAX_TEXT_BYTES } from '../../protocol/limits.ts'
import { sentence } from '../../text/message-text.ts'
import { remember } from '../editor/input-history.ts'
import { replaceText } from '../editor/line-editor.ts'
import { addTellRow } from '../model/event-reducer.ts'
import { type InputTarget, inputFor, resolveReference, withReference } from '../model/message-reference.ts'
import { activeRoom, type ScreenEffect, type ScreenState } from '../model/state.ts'
import { LOCAL_COMMANDS, runLocal } from './local-commands.ts'

/** Inputs that belong to the room they were typed in. */
const IN_ROOM: readonly Input['kind'][] = ['say', 'act', 'reply', 'edit', 'delete', 'react']

const NO_SUCH_MESSAGE: Input = {
  kind: 'invalid',
  code: 'no-such-message',
  text: 'There are not so many messages here',
  remedy: 'Alt-Up picks one, PageUp brings older ones',
}

const encoder = new TextEncoder()

/** Handles the line. */
export function submit(state: ScreenState, now: number): readonly ScreenEffect[] {
  const room = activeRoom(state)
  const { text } = room.line
  const { target } = room
  if (target !== undefined && !isCommand(text)) return submitForMessage(state, target, now)
  if (text.trim() === '') {
    room.follow()
    return []
  }
  resolveReference(room)
  const local = runLocal(state, text, now)
  const typed = local === undefined ? parseInput(text) : undefined
  const input = typed === undefined ? undefined : (withReference(room, typed) ?? NO_SUCH_MESSAGE)
  const refusal = input === undefined ? undefined : reasonNotSent(state, input)
  if (refusal !== undefined) return addTellRow(state, 'trouble', [refusal], now)
  room.history = remember(room.history, text)
  room.line = replaceText(room.line, '')
  if (local !== undefined) return local
  // after sending, the window follows the end, and what was unread is read
  room.follow()
  room.divider = undefined
  return input === undefined ? [] : [{ kind: 'input', input: inRoom(input, state.active) }]
}

/** The line refers to a message. What can't be done stays on it; an empty line does nothing. */
function submitForMessage(state: ScreenState, about: InputTarget, now: number): readonly ScreenEffect[] {
  const room = activeRoom(state)
  const input = inputFor(about, room.line.text.replace(/^\/\//, '/'))
  const refusal = input === undefined ? undefined : reasonNotSent(state, input)
  if (refusal !== undefined) return addTellRow(state, 'trouble', [refusal], now)
  room.target = undefined
  if (about.act !== 'delete') room.line = replaceText(room.line, '')
  if (input === undefined) return []
  if (about.act === 'reply') room.follow()
  return [{ kind: 'input', input: inRoom(input, state.active) }]
}

/** A command stays a command, whatever the line refers to. */
function isCommand(text: string): boolean {
  return /^\/[^/]/.test(text)
}

/** Parses the line as in line mode, with this screen's additional commands. */
function parseInput(text: string): Input | undefined {
  const input = parseLine(text)
  if (input?.kind !== 'invalid' || input.code !== 'unknown-command') return input
  const [name = ''] = text.split(/\s/, 1)
  return unknownCommand(
    name,
    LOCAL_COMMANDS.map(command => command.name),
  )
}

/** Why a line isn't handed on. */
function reasonNotSent(state: ScreenState, input: Input): string | undefined {
  if (input.kind === 'invalid') return `${sentence(input.text)} ${sentence(input.remedy)}`
  if (!('text' in input)) return undefined
  if (state.active === undefined) return 'You are in no room. Join one: /join ROOM.'
  const bytes = encoder.encode(input.text.toWellFormed()).length
  if (bytes <= MAX_TEXT_BYTES) return undefined
  return `The text has ${bytes} bytes, and a message may have ${MAX_TEXT_BYTES}. Send it in parts.`
}

/** A text goes to the room it was typed in, whatever is in view when it is sent. */
function inRoom(input: Input, room: string | undefined): Input {
  return IN_ROOM.includes(input.kind) && room !== undefined ? ({ ...input, room } as Input) : input
}
