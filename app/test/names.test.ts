import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resembles } from '../src/approver/names.js';

const ALIKE: readonly (readonly [string, string])[] = [
  ['deploy', 'deploy'],
  ['deploy', 'Deploy'],
  ['deploy', 'depl0y'],
  ['deploy', 'dep1oy'],
  ['deploy', 'dерlоу'], // Cyrillic е, р, о, у
  ['deploy', 'ｄｅｐｌｏｙ'], // full width
  ['deploy', 'de\u200bploy'],
  ['deploy', '\u202edeploy'],
  ['deploy', 'de\u00adploy\ufe0f'],
  ['deploy', 'déploy'],
  ['deploy', ' de-ploy_'],
  ['deploy-bot', 'deploy–bot'], // an en dash
  ['deploy-bot', 'deploy\u2212bot'], // a minus
  ['Robot', 'Rοbοt'], // Greek ο
  ['bill', 'BI11'],
  ['modern', 'modem'],
  ['straße', 'STRASSE'],
  ['ops', '0p5'],
  ['\u200b', '\u2060'],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['deploy', 'deploys'],
  ['build-1', 'build-2'],
  ['alpha', 'beta'],
  ['日本', '日木'],
  ['laptop', 'desktop'],
];

test('names that look alike', () => {
  for (const [a, b] of ALIKE) {
    assert.ok(resembles(a, b) && resembles(b, a), `${a} and ${b}`);
  }
});

test('names that differ', () => {
  for (const [a, b] of DIFFERENT) {
    assert.ok(!resembles(a, b), `${a} and ${b}`);
  }
});
