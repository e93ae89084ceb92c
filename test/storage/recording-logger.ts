/** A logger whose warnings a test can read. */
import { type Logger, SILENT_LOGGER } from '../../src/common/logger.ts'

export function recordingLogger(): Logger & { readonly warnings: readonly string[] } {
  const warnings: string[] = []
  return { ...SILENT_LOGGER, warnings, warn: text => warnings.push(text) }
}
