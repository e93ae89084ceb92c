/**
 * A frame as Ink components: a line of the frame is a line of text, and one that didn't change isn't touched.
 */
import { Box, Text, useCursor } from 'ink'
import { createElement, memo, type ReactNode } from 'react'
import type { Frame } from '../screen/frame.ts'
import { paint, type ThemeName } from '../screen/theme.ts'

export interface FrameViewProps {
  readonly frame: Frame
  readonly theme: ThemeName
}

export function FrameView({ frame, theme }: FrameViewProps): ReactNode {
  const { setCursorPosition } = useCursor()
  setCursorPosition({ ...frame.cursor })
  const { columns, rows } = frame
  const lines: ReactNode[] = []
  for (const text of paint(frame, theme)) lines.push(createElement(FrameLineView, { text }))
  return createElement(Box, { flexDirection: 'column', width: columns, height: rows }, ...lines)
}

/** Nothing would take no line at all. */
const FrameLineView = memo(function FrameLineView({ text }: { readonly text: string }): ReactNode {
  return createElement(Text, { wrap: 'truncate-end' }, text === '' ? ' ' : text)
})
