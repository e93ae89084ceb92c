/**
 * Opens the data folder named by its argument in a process of its own, says how that went in one JSON line, and
 * holds it until its standard input ends. Tests start it, and kill it.
 */
import { openDataFolder } from '../../src/storage/data-folder.ts'

const [path = ''] = process.argv.slice(2)
try {
  const folder = await openDataFolder(path, `parley join tea (process ${process.pid})`)
  console.log(JSON.stringify({ opened: folder.privateKey.publicKey.toString() }))
  for await (const _ of process.stdin);
  await folder.close()
} catch (error) {
  console.log(
    JSON.stringify({ refused: { ...Object(error), message: String(Reflect.get(Object(error), 'message')) } }),
  )
}
