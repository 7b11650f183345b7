/**
 * Words that look like others: letters of several alphabets in one word, letters of one alphabet that all look like
 * Latin ones, and letters that only stand for others. Han, kana, Hangul and Latin go together, as in Unicode's
 * "highly restrictive" level: they do not look alike.
 */

const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['Latin', /\p{Script=Latin}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Georgian', /\p{Script=Georgian}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
  ['Coptic', /\p{Script=Coptic}/u],
  ['Lisu', /\p{Script=Lisu}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Devanagari', /\p{Script=Devanagari}/u],
  ['Thai', /\p{Script=Thai}/u],
  ['Ethiopic', /\p{Script=Ethiopic}/u],
  ['East Asian', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u],
];

const LETTER = /\p{L}/u;
const DIGIT = /\p{Nd}/u;
const ASCII_WORD = /^[A-Za-z0-9_]+$/;
/** Letters for phonetics and the like, which hardly any word uses, but which look like usual ones. */
const PHONETIC = /[\u0131\u0237\u0250-\u02af\u1d00-\u1dbf\ua720-\ua7ff\uab30-\uab6f]/u;
const LATIN_ALIKE: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Cyrillic', new Set('аАВсСԁеЕЗһНіІјЈКӏМոоОрРԛѕЅТԝхХуУѵ')],
  ['Greek', new Set('αΑΒΕΖΗιΙκΚΜνΝοΟρΡτΤυΥχΧγϳ')],
  ['Armenian', new Set('օՕսՍոցհՏԼզ')],
  ['Cherokee', new Set('ᎠᎡᎢᎥᎪᎫᎬᎳᎷᎻᏀᏂᏃᏆᏎᏏᏒᏔᏕᏙᏚᏞᏟᏢᏦᏧᏴ')],
]);

/** Why a word is underlined. */
export type Oddity =
  | { readonly kind: 'mixed'; readonly scripts: readonly string[] }
  /** Wholly of one other alphabet, and every letter looks like a Latin one. */
  | { readonly kind: 'alike'; readonly script: string }
  /** Has letters or digits that only stand for usual ones: full width, mathematical, phonetic. */
  | { readonly kind: 'variant' };

export function oddityOf(word: string): Oddity | undefined {
  if (ASCII_WORD.test(word)) {
    return undefined;
  }
  const characters = [...word];
  const scripts = new Set(characters.filter((character) => LETTER.test(character)).map(scriptOf));
  if (characters.some(isVariant)) {
    return { kind: 'variant' };
  }
  scripts.delete('');
  const others = [...scripts].filter((script) => script !== 'Latin');
  if (others.length > 1 || (scripts.has('Latin') && others.some((script) => script !== 'East Asian'))) {
    return { kind: 'mixed', scripts: [...scripts].sort() };
  }
  const [only] = others;
  const alike = only === undefined ? undefined : LATIN_ALIKE.get(only);
  if (only !== undefined && alike !== undefined && characters.every((c) => alike.has(c) || !LETTER.test(c))) {
    return { kind: 'alike', script: only };
  }
  return undefined;
}

function scriptOf(character: string): string {
  const found = SCRIPTS.find(([, pattern]) => pattern.test(character));
  if (found !== undefined) {
    return found[0];
  }
  return /\p{Script=Common}|\p{Script=Inherited}/u.test(character) ? '' : 'another alphabet';
}

function isVariant(character: string): boolean {
  if (character <= '\u007f' || !(LETTER.test(character) || DIGIT.test(character))) {
    return false;
  }
  return PHONETIC.test(character) || /^[A-Za-z0-9]+$/.test(character.normalize('NFKC'));
}
