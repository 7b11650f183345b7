/**
 * Characters that a person cannot see, or that change what they see. Unicode's own properties decide, so a character
 * that the browser does not know is shown by its code as well.
 */

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'null'],
  [0x08, 'backspace'],
  [0x09, 'tab'],
  [0x0a, 'line end'],
  [0x0d, 'return to the start of the line'],
  [0x1b, 'escape: terminals take what follows as a command'],
  [0x7f, 'delete'],
  [0x85, 'next line'],
  [0xa0, 'space that does not break'],
  [0xad, 'soft hyphen'],
  [0x034f, 'combining joiner'],
  [0x061c, 'Arabic letter mark'],
  [0x115f, 'Hangul filler'],
  [0x1160, 'Hangul filler'],
  [0x180e, 'Mongolian vowel separator'],
  [0x200b, 'zero width space'],
  [0x200c, 'zero width non-joiner'],
  [0x200d, 'zero width joiner'],
  [0x200e, 'left-to-right mark'],
  [0x200f, 'right-to-left mark'],
  [0x2028, 'line separator'],
  [0x2029, 'paragraph separator'],
  [0x202a, 'left-to-right embedding'],
  [0x202b, 'right-to-left embedding'],
  [0x202c, 'end of direction'],
  [0x202d, 'left-to-right override'],
  [0x202e, 'right-to-left override'],
  [0x2060, 'word joiner'],
  [0x2066, 'left-to-right isolate'],
  [0x2067, 'right-to-left isolate'],
  [0x2068, 'isolate'],
  [0x2069, 'end of isolate'],
  [0x2800, 'empty Braille pattern'],
  [0x3164, 'Hangul filler'],
  [0xfeff, 'zero width space'],
  [0xffa0, 'Hangul filler'],
  [0xfffc, 'placeholder of an object'],
]);

const RANGES: readonly (readonly [number, number, string])[] = [
  [0x00, 0x1f, 'control character'],
  [0x80, 0x9f, 'control character'],
  [0x180b, 0x180f, 'variation selector'],
  [0xfe00, 0xfe0f, 'variation selector'],
  [0xe0100, 0xe01ef, 'variation selector'],
  [0xe0000, 0xe007f, 'invisible tag'],
  [0xd800, 0xdfff, 'half of a character'],
];

const STRANGE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffc]/u;
const SPACE = /\p{Zs}/u;
const COMBINING = /\p{M}/u;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;

/** What is shown by its code: everything without a shape, and every space but the usual one. */
export function isStrange(character: string): boolean {
  return STRANGE.test(character) || (SPACE.test(character) && character !== ' ');
}

export function isCombining(character: string): boolean {
  return COMBINING.test(character) && !isStrange(character);
}

/** The selector that asks for the coloured form, behind a pictograph: part of usual emoji. */
export function isEmojiStyle(character: string, before: string): boolean {
  return character === '\ufe0f' && PICTOGRAPH.test(before);
}

/** `U+202E` */
export function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** What the character is, in a few words; one word for all that have no name of their own here. */
export function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const range = RANGES.find(([first, last]) => code >= first && code <= last);
  if (NAMES.has(code) || range !== undefined) {
    return NAMES.get(code) ?? range?.[2] ?? '';
  }
  if (COMBINING.test(character) && !STRANGE.test(character)) {
    return 'stacked accent';
  }
  return SPACE.test(character) ? 'unusual space' : 'character without a shape';
}
