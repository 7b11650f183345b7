import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Snapshot } from '../src/approver/approver.js';
import type { Field } from '../src/messages/index.js';
import { errorOf, isWellFormed, reasonRoom, valuesOf } from '../src/views/form.js';
import { formatRoute, parseRoute } from '../src/views/route.js';
import { statusLine } from '../src/views/texts/app.js';
import { agoWords, clockWords, dayWords, momentWords, share } from '../src/views/time.js';

const NOW = Date.UTC(2026, 10, 29, 14, 2, 30) / 1_000;

test('what is left, as a clock', () => {
  assert.equal(clockWords(252), '4:12');
  assert.equal(clockWords(0.2), '0:01');
  assert.equal(clockWords(0), '0:00');
  assert.equal(clockWords(-5), '0:00');
  assert.equal(clockWords(3_600), '1:00:00');
  assert.equal(clockWords(86_399), '23:59:59');
});

test('how long ago, also by a clock that is ahead', () => {
  assert.equal(agoWords(NOW + 90, NOW), 'just now');
  assert.equal(agoWords(NOW - 12, NOW), '12 s ago');
  assert.equal(agoWords(NOW - 240, NOW), '4 min ago');
  assert.equal(agoWords(NOW - 7_200, NOW), '2 h ago');
  assert.equal(agoWords(NOW - 86_400, NOW), '1 day ago');
  assert.equal(agoWords(NOW - 3 * 86_400, NOW), '3 days ago');
});

test('moments name the day where it is another one, and the year likewise', () => {
  assert.equal(momentWords(NOW, NOW, 'UTC'), '14:02');
  assert.equal(momentWords(NOW - 86_400, NOW, 'UTC'), '28 Nov 14:02');
  assert.equal(momentWords(NOW - 366 * 86_400, NOW, 'UTC'), '28 Nov 2025 14:02');
  assert.equal(momentWords(Date.UTC(2026, 10, 29, 0, 5) / 1_000, NOW, 'UTC'), '00:05');
  assert.equal(dayWords(NOW - 26 * 86_400, NOW, 'UTC'), '3 Nov');
});

test('the line that runs out stays between nothing and all', () => {
  assert.equal(share(100, 200, 150), 0.5);
  assert.equal(share(100, 200, 50), 1);
  assert.equal(share(100, 200, 300), 0);
  assert.equal(share(200, 200, 200), 0);
});

const field = (type: Field['type'], required: boolean, name = 'x'): Field => ({
  name,
  type,
  label: 'X',
  required,
  ...(type === 'select' || type === 'several'
    ? {
        options: [
          { value: 'a', label: 'A' },
          { value: 'b', label: 'B' },
        ],
      }
    : {}),
});

test('attack: a field that is called like a member of every object is empty at first', () => {
  for (const name of ['constructor', '__proto__', 'valueof']) {
    assert.equal(errorOf(field('text', true, name), {}), 'required', name);
    assert.equal(errorOf(field('several', true, name), {}), 'choose_some', name);
    assert.deepEqual(valuesOf([field('text', false, name)], {}), []);
    assert.deepEqual(valuesOf([field('text', false, name)], { [name]: 'y' }), [{ name, value: 'y' }]);
  }
});

test('numbers are those that the platform takes', () => {
  for (const number of ['0', '-0.5', '12', ' 7 ', '1'.repeat(64)]) {
    assert.equal(errorOf(field('number', true), { x: number }), undefined, number);
  }
  for (const number of ['1,5', '1e3', '+1', '.5', '5.', '0x10', '١٢', '-', '1 000', '1'.repeat(65)]) {
    assert.equal(errorOf(field('number', true), { x: number }), 'number', number);
  }
  assert.equal(errorOf(field('number', true), { x: '  ' }), 'required');
  assert.equal(errorOf(field('number', false), { x: '' }), undefined);
  assert.deepEqual(valuesOf([field('number', true)], { x: ' 7 ' }), [{ name: 'x', value: '7' }]);
});

test('what is required has an answer', () => {
  assert.equal(errorOf(field('text', true), {}), 'required');
  assert.equal(errorOf(field('select', true), {}), 'choose');
  assert.equal(errorOf(field('several', true), { x: [] }), 'choose_some');
  assert.equal(errorOf(field('several', false), { x: [] }), undefined);
});

test('several values go in the order of the form, and nothing that is not offered', () => {
  assert.deepEqual(valuesOf([field('several', true)], { x: ['b', 'a', 'z'] }), [{ name: 'x', value: ['a', 'b'] }]);
  assert.deepEqual(valuesOf([field('several', false)], { x: [] }), []);
  assert.deepEqual(valuesOf([field('select', false)], { x: '' }), []);
});

test('the room of a reason counts escapes and bytes', () => {
  assert.equal(reasonRoom('a'.repeat(1_000)), 0);
  assert.equal(reasonRoom('"'.repeat(501)), -2);
  assert.equal(reasonRoom('ä'.repeat(500)), 0);
});

test('half of a character is found', () => {
  assert.equal(isWellFormed('a\ud83d'), false);
  assert.equal(isWellFormed('a😀'), true);
});

test('routes survive their address, and a pairing link is none', () => {
  const routes = [
    { section: 'requests' },
    { section: 'requests', id: 'a/b#c?%ü' },
    { section: 'agents', id: 'x' },
    { section: 'past', id: '1' },
    { section: 'pair' },
    { section: 'pair', way: 'scan' },
  ] as const;
  for (const route of routes) {
    assert.deepEqual(parseRoute(formatRoute(route)), route);
  }
  for (const other of ['', '#', '#AbC_d-', '#/', '#/other', '#/requests/a/b', '#requests']) {
    assert.equal(parseRoute(other), undefined, other);
  }
  assert.deepEqual(parseRoute('#/requests/%E0%A4%A'), { section: 'requests' });
});

test('the status line names a relay without its scheme, and several by their number', () => {
  const line = (...relays: readonly string[]) =>
    statusLine({
      relays: relays.map((relay) => ({ relay, connection: 'connected', since: 0, push: 'unknown' })),
      phone: { online: true, wakeUps: { state: 'off' } },
    } as unknown as Snapshot);
  assert.equal(line('http://localhost:8787'), 'Connected to localhost:8787 · wake-ups off');
  assert.equal(line('https://a.example', 'http://b.example'), 'Connected to 2 relays · wake-ups off');
});
