/**
 * What the `parley` command starts: CommonJS that even an old Node can parse, so that it can say what is missing
 * instead of showing a syntax error. It does nothing else than that, and load the program fast.
 */

/** The oldest major version of Node that has all the program needs: `node:sqlite` unflagged, `using`, `import.meta.main`. */
const OLDEST_NODE = 24

/** Late enough that what the start lazily imports is compiled too, and no start-up is slowed down by writing. */
const FLUSH_AFTER_MS = 3000

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

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  complainAboutNode()
} else {
  cacheCompiledCode()
  import('./main.js')
}
