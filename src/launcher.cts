/**
 * The `parley` command: CommonJS that even an old Node can parse, so that it can report the missing version instead of
 * showing a syntax error. It does only that, and loads the program fast.
 */

/** The oldest major version of Node that has everything the program needs: `node:sqlite` unflagged, `using`, `import.meta.main`. */
const OLDEST_NODE = 24

/** Late enough that lazy imports of the start are compiled, too, and that writing slows down no start. */
const FLUSH_AFTER_MS = 3000

/** The mode of a folder that nobody else may look into. */
const OWNER_ONLY = 0o700

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
 * Caches V8's compiled code for the next start, in the user's own cache folder: another user could write to the default,
 * a folder in the shared temporary one. Without a writable folder the next start is only slower. The folder is created
 * here, because Node's own way loops for ever where the file system refuses it. A folder given in `NODE_COMPILE_CACHE`
 * was created by Node already.
 */
async function cacheCompiledCode(): Promise<void> {
  if (process.env['NODE_COMPILE_CACHE']) return
  const { enableCompileCache, flushCompileCache } = process.getBuiltinModule('node:module')
  const { homedir } = process.getBuiltinModule('node:os')
  const { join } = process.getBuiltinModule('node:path')
  const { makeFolder } = await import('./storage/make-folder.ts')
  try {
    const base = process.env['XDG_CACHE_HOME'] || process.env['LOCALAPPDATA'] || join(homedir(), '.cache')
    const folder = join(base, 'parley', 'compiled')
    makeFolder(folder, OWNER_ONLY)
    enableCompileCache(folder)
  } catch {
    return
  }
  // Node itself writes it at a normal exit only; a killed process would leave nothing.
  setTimeout(flushCompileCache, FLUSH_AFTER_MS).unref()
}

/**
 * V8 lets its heap grow as if it had the machine to itself: fetching a long history left two thirds of it garbage. With
 * these flags the young generation keeps its initial size, and the old one is collected when it has grown by a fifth.
 * The flags are V8's own: another version may lack them, and would complain on standard error.
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
  cacheCompiledCode().then(() => import('./main.js'))
}
