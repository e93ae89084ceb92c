/** Anything that a terminal acts on or hides; line ends are the program's own. */
export const UNSAFE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u
