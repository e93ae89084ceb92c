/**
 * Which letters and digits look like which: for each character of `a-z2-9`, those that a reader takes for it.
 * The selection is of Unicode's confusables.txt (UTS #39, https://www.unicode.org/Public/security/; © Unicode,
 * Inc., Unicode License v3, https://www.unicode.org/license.txt): all letters and digits whose prototype is
 * an ASCII letter or digit and that compatibility decomposition leaves alone. Capitals are listed under the
 * small letter. Not in it: whole syllables, punctuation, and lookalikes within one other script.
 *
 * The second part of a line is ours: small forms that look like small Latin capitals, so that a Cyrillic or
 * Greek name is the same in capitals and in small letters as far as the shapes allow. Right-to-left letters are
 * escaped, because they would turn the lines around.
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
  2: 'ƧϨᒿꙄꛯꝚ',
  3: 'ƷȜЗӠⳌꝪꞫ𑣊𖼻',
  4: 'Ꮞ𑢯',
  5: 'Ƽ𑢻',
  6: 'бᏮⳒ𑣕',
  7: '𐓒𑣆',
  8: 'Ȣȣ৪੪𐌚\u{1e8cb}',
  9: '৭੧୨൭ⳊꝮ𑢬𑣌𑣖',
  a: 'ɑΑαАаᎪᗅꓮ𐊠𖽀' + 'ᴀ',
  b: 'ƄΒВЬᏏᏴᑲᖯᗷꓐꞴ𐊂𐊡𐌁' + 'βвьʙ',
  c: 'СсᏟᴄⲤⲥꓚꮯ𐊢𐌂𐐕𐐽𐔜𑣩𑣲',
  d: 'ԁᎠᏧᑯᗞᗪꓒꓓ' + 'ᴅ',
  e: 'ΕЕеҽᎬⴹꓰꬲ𐊆𑢦𑢮' + 'εᴇ',
  f: 'ϜքᖴẝꓝꞘꞙꬵ𐊇𐊥𐔥𑢢𑣂',
  g: 'ƍɡԌցᏀᏳᶃꓖ' + 'ԍɢ',
  h: 'ΗНһհᎻᏂᕼⲎꓧ𐋏' + 'нʜ',
  i: 'ıɩɪιіӏᎥꙇꭵ𑣃',
  j: 'ͿϳЈјᎫᒍꓙꞲ' + 'ᴊ',
  k: 'ΚКᏦᛕⲔꓗ𐔘' + 'κкᴋ',
  l: 'ƖǀΙІӀᏞᒪᛁⲒⳐⵏꓡꓲ𐊊𐌉𐌠𐐛𐔦𑢣𑢲𖼖𖼨\u{5d5}\u{5df}\u{627}\u{661}\u{6f1}\u{7ca}\u{1e8c7}' + 'ʟ',
  m: 'ΜϺМᎷᗰᛖⲘꓟ𐊰𐌑' + 'мᴍ',
  n: 'ΝոռⲚꓠ𐔓' + 'ηɴ',
  o:
    'ΟοσОоՕօ০੦ଠ୦ഠဝ၀ჿዐᴏᴑⲞⲟⵔ〇ꓳꬽ𐊒𐊫𐐄𐐬𐓂𐓪𐔖𑓐𑢵𑣈𑣗𑣠' +
    '०૦௦౦೦൦๐໐\u{5e1}\u{647}\u{665}\u{6be}\u{6c1}\u{6d5}\u{6f5}\u{7c0}',
  p: 'ΡρРрᏢᑭⲢⲣꓑ𐊕' + 'ᴘ',
  q: 'ԛգզⵕ',
  r: 'ƦгᎡᏒᖇᴦⲅꓣꭇꭈꮁ𐒴𖼵' + 'ʀ',
  s: 'ƽЅѕՏᏕᏚꓢꜱꮪ𐊖𐐠𐑈𑣁𖼺',
  t: 'ΤТᎢⲦꓔ𐊗𐊱𐌕𑢼𖼊' + 'τтᴛ',
  u: 'ʋυՍսሀᑌᴜꓴꞟꭎꭒ𐓎𐓶𑢸𑣘𖽂' + 'μ',
  v: 'νѴѵᏙᐯᴠⴸꓦꛟꮩ𐔝𑜆𑢠𑣀𖼈\u{5d8}\u{667}\u{6f7}',
  w: 'ɯѡԜԝաᎳᏔᴡꓪꮃ𑜊𑜎𑜏𑣦𑣯' + 'ω',
  x: 'ΧХхᕁᕽᚷⲬⵝꓫꞳ𐊐𐊴𐌗𐌢𐔧𑣬' + 'χ',
  y: 'ɣʏΥγУуҮүყᎩᎽᶌỿⲨꓬꭚ𐊲𑢤𑣜𖽃',
  z: 'ΖᏃᴢꓜꮓ𐋵𑢩𑣄𑣥' + 'ζ',
}

const latin: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOKALIKES).flatMap(([letter, alike]) => [...alike].map(other => [other, letter] as const)),
)

/** The ASCII letter (small) or digit that this code point looks like, or the code point itself. */
export function lookalike(character: string): string {
  return latin.get(character) ?? character
}
