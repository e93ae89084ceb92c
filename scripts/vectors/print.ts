/** JSON as the formatter of this project wants it, so that the generated file passes its check. */

const INDENT = '  '
/** As in biome.json. */
const LINE_WIDTH = 110

/** A value as JSON: lists of plain values on one line where they fit. `column`: where its first character stands. */
export function print(value: unknown, indent = '', column = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const flat = printFlat(value)
  if (flat !== undefined && column + flat.length + ','.length <= LINE_WIDTH) return flat
  const deeper = indent + INDENT
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const items = Object.entries(value).map(([key, item]) => {
    const label = Array.isArray(value) ? '' : `${JSON.stringify(key)}: `
    return deeper + label + print(item, deeper, deeper.length + label.length)
  })
  return `${open}\n${items.join(',\n')}\n${indent}${close}`
}

/** A list without objects in it on one line; undefined for anything else. */
function printFlat(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined
  const items = value.map(item => (typeof item === 'object' && item !== null ? printFlat(item) : print(item)))
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`
}
