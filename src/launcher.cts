/**
 * What the `parley` command starts: CommonJS that even an old Node can parse, so that it can say what is missing
 * instead of showing a syntax error. It does nothing else than that, and load the program fast.
 */

/** The oldest major version of Node that has all the program needs: `node:sqlite` unflagged, `using`, `import.meta.main`. */
const OLDEST_NODE = 24

/** Late enough that what the start lazily imports is compiled too, and no start-up is slowed down by writing. */
const FLUSH_AFTER_MS = 3000

/** The V8 of Node 24, whose heap is tuned. */
const TUNED_V8 = '13.6.'

function complainAboutNode(): void {
  process.stderr.write(
    `parley: needs Node.js ${OLDEST_NODE} or newer, but ${process.execPath} is ${process.version}. ` +
      'Install a newer one from https://nodejs.org, or in a checkout of parley use `npm start` after `npm ci`.\n',
  )
  process.exitCode = 1
}

/**
 * V8's compiled code is kept for the next start, in the user's own cache folder: the default, a folder in the shared
 * temporary one, could be filled by another user. A folder that can't be written only means a slower start.
 */
function cacheCompiledCode(): void {
  const { enableCompileCache, flushCompileCache } = process.getBuiltinModule('node:module')
  const { homedir } = process.getBuiltinModule('node:os')
  const { join } = process.getBuiltinModule('node:path')
  const base = process.env['XDG_CACHE_HOME'] || process.env['LOCALAPPDATA'] || join(homedir(), '.cache')
  enableCompileCache(process.env['NODE_COMPILE_CACHE'] || join(base, 'parley', 'compiled'))
  // Node itself writes it at a normal exit only; a killed process would leave nothing.
  setTimeout(flushCompileCache, FLUSH_AFTER_MS).unref()
}

/**
 * V8 lets its heap grow for speed as if the machine were its own: fetching a long history left two thirds of it garbage.
 * Its young part stays as small as it begins, and the old part is collected when it has grown by a fifth. The flags are
 * V8's own: another version may not have them, and would complain on standard error.
 */
function keepHeapSmall(): void {
  if (!process.versions.v8.startsWith(TUNED_V8)) return
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=20')
}

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  complainAboutNode()
} else {
  keepHeapSmall()
  cacheCompiledCode()
  import('./main.js')
}
