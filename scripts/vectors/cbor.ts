/** Encodings of single values: what a decoder must take, and what it must refuse although some library takes it. */

/** Hex and what it is. */
type Example = readonly [hex: string, about: string]

const DEEPEST = 16

const ACCEPTED: readonly Example[] = [
  ['00', 'zero'],
  ['17', 'the largest integer of one byte'],
  ['1818', 'the smallest of two'],
  ['1b001fffffffffffff', '2^53 - 1, the largest integer'],
  ['3b001ffffffffffffe', '-(2^53 - 1), the smallest'],
  ['83f4f5f6', 'false, true and null in an array'],
  ['40', 'an empty byte string'],
  ['62c3a9', 'a text, é'],
  ['65efbbbf6869', 'a text that begins with a byte order mark, which belongs to it'],
  [`${'81'.repeat(DEEPEST - 1)}80`, 'arrays nested as deep as they may be: 16'],
]

const REFUSED: readonly Example[] = [
  ['1817', 'an integer in more bytes than it needs'],
  ['5801ff', 'a length in more bytes than it needs'],
  ['1b0020000000000000', '2^53'],
  ['3b001fffffffffffff', '-2^53'],
  ['f93c00', 'a float, though it is 1'],
  ['f93e00', 'a float that is no integer'],
  ['f7', 'undefined'],
  ['a0', 'a map'],
  ['c001', 'a tag'],
  ['9fff', 'an array of indefinite length'],
  ['5f4101ff', 'a byte string in chunks'],
  ['0000', 'a byte after the end'],
  ['8201', 'an array that is cut off'],
  ['61ff', 'a text that is no UTF-8'],
  ['63eda080', 'a text with half a surrogate pair'],
  [`${'81'.repeat(DEEPEST)}80`, 'arrays nested deeper'],
  ['', 'nothing'],
]

export function describeCbor() {
  const described = (examples: readonly Example[]) => examples.map(([hex, about]) => ({ hex, about }))
  return { accepted: described(ACCEPTED), refused: described(REFUSED) }
}
