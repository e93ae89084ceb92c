/** What makes a terminal ring, or show a notification. Title and text are safe to print, so neither ends the sequence. */
import type { ScreenEffect } from '../model/state.ts'

/** UTF-16 units of a text: what a notification has room for. */
const MAX_TEXT = 240

export function alertOf({ how, title, text }: Extract<ScreenEffect, { kind: 'alert' }>): string {
  // to some terminals a number and a semicolon at the beginning mean something else
  const head = title.replaceAll(';', ',')
  const body = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).toWellFormed()}…`
  switch (how) {
    case 'bell':
      return '\u0007'
    case 'osc9':
      return `\u001b]9;${head}: ${body}\u001b\\`
    case 'osc777':
      return `\u001b]777;notify;${head};${body}\u001b\\`
  }
}
