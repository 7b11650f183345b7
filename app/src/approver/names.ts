/**
 * Whether two names look alike to a person who is in a hurry. The bound: compatibility forms and case are folded
 * (NFKC), marks and whatever cannot be seen are left out, and the letters and digits below count as one with what they
 * are drawn like. Those are the look-alikes among Latin, Cyrillic, Greek and the digits, not Unicode's whole list of
 * confusables, which is larger than this app: letters of other scripts are compared as they are.
 */
const LOOK_ALIKES: { readonly [letter: string]: string } = {
  a: 'аαɑ',
  b: 'ьвβ6',
  c: 'сϲ',
  d: 'ԁ',
  e: 'еєҽε3',
  g: 'ɡ9',
  h: 'һнη',
  i: 'іιıl1|!ӏјj',
  k: 'кκ',
  m: 'м',
  n: 'ո',
  o: '0оοσөө',
  p: 'рρ',
  q: 'ԛ',
  r: 'гг',
  s: 'ѕ5$',
  t: 'тτ7',
  u: 'υսц',
  v: 'ѵν',
  w: 'ԝωшѡ',
  x: 'хχ',
  y: 'уүγ',
  z: 'ζ2',
};

const SKELETON = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([letter, alike]) => [...alike].map((other) => [other, letter] as const)),
);

export function resembles(a: string, b: string): boolean {
  return skeleton(a) === skeleton(b);
}

function skeleton(name: string): string {
  const folded = name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKD');
  const seen = folded.replace(/[\p{M}\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\p{Pd}\s._·•'’`\u2212\u2043]/gu, '');
  const letters = Array.from(seen, (letter) => SKELETON.get(letter) ?? letter).join('');
  return letters.replaceAll('rn', 'm').replaceAll('vv', 'w').replaceAll('ci', 'd');
}
