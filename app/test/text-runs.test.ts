import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitDiff } from '../src/views/text/diff.js';
import { type Runs, splitText } from '../src/views/text/runs.js';
import { oddityOf } from '../src/views/text/scripts.js';

const split = (text: string) => splitText(text, { lines: true });

/** What the runs hold, put together again. */
function whole({ runs }: Runs): string {
  return runs.map((run) => (run.kind === 'mark' ? run.character.repeat(run.count) : run.text)).join('');
}

/** The text as it is shown. */
function shown({ runs }: Runs): string {
  return runs
    .map((run) => (run.kind === 'mark' ? `[${run.code}${run.count > 1 ? `x${run.count}` : ''}]` : run.text))
    .join('');
}

test('attack: overrides that show a command backwards become marks', () => {
  assert.equal(shown(split('rm \u202e# sdrawkcab\u202c')), 'rm [U+202E]# sdrawkcab[U+202C]');
});

test('attack: every direction character is shown', () => {
  for (const character of '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c') {
    assert.equal(split(`a${character}b`).hidden, 1, character.codePointAt(0)?.toString(16));
  }
});

test('attack: characters without a shape are shown, whatever Unicode calls them', () => {
  const hidden = [
    ...'\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u115f\u1160\u3164\uffa0\u2800\ufffc\u17b4\u17b5',
    ...'\ufe00\ufe0f\u{e0100}\u{e0041}\u{e007f}\u2061\u206a\ufff9',
    ...'\u00a0\u1680\u2000\u2003\u2009\u200a\u202f\u205f\u3000',
    ...'\u2028\u2029\u0085\u000b\u000c\u0000\u0007\u0008\u001b\u007f\u009b\r',
    ...'\ue000\u{10ffff}\u0378',
    '\ud800',
  ];
  for (const character of hidden) {
    const runs = split(`a${character}b`);
    assert.equal(runs.hidden, 1, `U+${character.codePointAt(0)?.toString(16)}`);
    assert.equal(whole(runs), `a${character}b`);
  }
});

test('attack: an accent flood is cut off its letter, and each accent is counted', () => {
  const runs = split(`Z${'\u0351'.repeat(40)}algo`);
  assert.equal(runs.hidden, 37);
  assert.equal(shown(runs), `Z${'\u0351'.repeat(3)}[U+0351x37]algo`);
});

test('attack: an accent at the start does not change what the page writes before it', () => {
  assert.equal(shown(split('\u0336denied')), '[U+0336]denied');
  assert.equal(shown(split('a\u200b\u0336b')), 'a[U+200B][U+0336]b');
});

test('attack: line ends in a heading are marks', () => {
  const runs = splitText('Run the tests\n\n\nApproved\tby you', { lines: false });
  assert.equal(shown(runs), 'Run the tests[U+000Ax3]Approved[U+0009]by you');
  assert.equal(runs.hidden, 4);
});

test('attack: look-alikes of "deny" and "approve" are odd words', () => {
  const alike = [
    'd\u0435ny',
    'den\u0443',
    '\u0501eny',
    'D\u0415NY',
    '\u0391pprove',
    'appr\u043eve',
    '\uff44\uff45\uff4e\uff59',
    '\u{1d41d}\u{1d41e}\u{1d427}\u{1d432}',
    'd\u0435n\u03b3',
    '\u0251pprove',
    'арр',
  ];
  for (const word of alike) {
    assert.equal(split(`press ${word} now`).odd.length, 1, word);
    assert.equal(whole(split(`press ${word} now`)), `press ${word} now`);
  }
});

test('words of one language are not odd', () => {
  const usual =
    'deny Größe café naïve привет Ελληνικά 日本語テスト 한국어 漢字かな tシャツ שלום مرحبا x86_64 Tiếng Việt';
  assert.deepEqual(split(usual).odd, []);
  assert.equal(split(usual).hidden, 0);
});

test('an odd word says why', () => {
  assert.deepEqual(oddityOf('d\u0435ny'), { kind: 'mixed', scripts: ['Cyrillic', 'Latin'] });
  assert.deepEqual(oddityOf('\u0430\u0440\u0440'), { kind: 'alike', script: 'Cyrillic' });
  assert.deepEqual(oddityOf('\uff24eny'), { kind: 'variant' });
  assert.equal(oddityOf('привет'), undefined);
});

test('usual emoji stay, a second selector does not', () => {
  assert.equal(shown(split('\u26a0\ufe0f ok \u2705')), '\u26a0\ufe0f ok \u2705');
  assert.equal(split('\u26a0\ufe0f\ufe0f').hidden, 1);
  assert.equal(split('a\ufe0f').hidden, 1);
});

test('right-to-left letters are runs of their own', () => {
  assert.deepEqual(
    split('a = "\u05d0\u05d1" + 1').runs.map(({ kind }) => kind),
    ['plain', 'rtl', 'plain'],
  );
});

test('markup is text', () => {
  const text = '<script>alert(1)</script>&amp;<b>deny</b>';
  assert.deepEqual(split(text).runs, [{ kind: 'plain', text }]);
});

test('attack: 48 KB of hidden characters are one mark, and 48 KB of mixed ones stay complete', () => {
  const same = split('\u200b'.repeat(16_000));
  assert.equal(same.runs.length, 1);
  assert.equal(same.hidden, 16_000);
  const mixed = 'а\u200bb\u202e'.repeat(6_000);
  assert.equal(whole(split(mixed)), mixed);
});

test('no text loses a character', () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const some = [...'ab \n\t\u202e\u200b\u0301\u0430\u05d0\ufe0f\u26a0_9-\u{e0041}', '\ud800'];
  for (let round = 0; round < 500; round++) {
    const text = Array.from({ length: next(40) }, () => some[next(some.length)]).join('');
    assert.equal(whole(split(text)), text);
    assert.equal(whole(splitText(text, { lines: false })), text);
  }
});

test('a diff keeps every line, with its sign', () => {
  const text = '--- a/x\n+++ b/x\n@@ -1,3 +1,2 @@\n same\n-- drop\n-old\n+++ new\nafter';
  const lines = splitDiff(text);
  assert.equal(lines.map((line) => line.text).join('\n'), text);
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ['file', 'file', 'hunk', 'same', 'removed', 'removed', 'added', 'same'],
  );
});

test('attack: a removed line that looks like the name of a file stays a removed line', () => {
  const lines = splitDiff('@@ -1,2 +1,1 @@\n--- secret\n+++ public\n-x');
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ['hunk', 'removed', 'added', 'removed'],
  );
});

test('a diff without a header shows its signs', () => {
  assert.deepEqual(
    splitDiff('-a\n+b\n c').map(({ kind }) => kind),
    ['removed', 'added', 'same'],
  );
});
