import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { AxeResults, RunOptions } from 'axe-core';
import type { BrowserContextOptions } from 'playwright-core';
import { SKIP, Views } from './views.page.js';

/** axe finds nothing on any screen, nothing is wider than a small phone, and nothing breaks the policy. */

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENS: readonly (readonly [string, string])[] = [
  ...['first', 'ios', 'empty', 'silent', 'paused', 'offline', 'all', 'ended', 'opening', 'unavailable', 'damaged'].map(
    (state) => [state, ''] as const,
  ),
  ...['command', 'diff', 'drop', 'form', 'notice', 'unknown', 'hostile'].map(
    (id) => ['all', `#/requests/${id}`] as const,
  ),
  ...['clock', 'missing', 'bound', 'cancelled', 'full', 'unnoted'].map(
    (id) => ['hindered', `#/requests/${id}`] as const,
  ),
  ...['queued', 'expired'].map((id) => ['ended', `#/requests/${id}`] as const),
  ['requests', '#/requests/not-here'],
  ['agents', '#/agents'],
  ['agents', '#/agents/claude'],
  ['agents', '#/agents/old'],
  ['phone', '#/agents'],
  ['blocked', '#/agents'],
  ['first', '#/agents'],
  ['past', '#/past'],
  ['past', '#/past/1'],
  ['past', '#/past/gone'],
  ['empty', '#/past'],
  ['first', '#/pair/paste'],
  ['first', '#/pair/scan'],
  ...[
    'refused',
    'offered',
    'offered-tap',
    'install',
    'joining',
    'waiting',
    'digits',
    'resembles',
    'confirming',
    'paired',
  ].map((state) => [state, '#/pair'] as const),
];

let views: Views;
before(async () => {
  if (SKIP === false) {
    views = await Views.start();
  }
});
after(async () => {
  await views?.close();
});

const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['small and light', { viewport: { width: 320, height: 568 }, colorScheme: 'light' }],
  ['wide and dark', { viewport: { width: 1_280, height: 800 }, colorScheme: 'dark', reducedMotion: 'reduce' }],
];

for (const [look, options] of LOOKS) {
  test(`every screen, ${look}`, { skip: SKIP }, async () => {
    const found: string[] = [];
    const visitor = await views.visitor(options, AXE);
    for (const [state, route] of SCREENS) {
      const { page, troubles } = await visitor.open(state, route, true);
      const results = await page.evaluate(() => {
        const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
        return axe.run({ rules: { 'color-contrast-enhanced': { enabled: false } } });
      });
      for (const { id, nodes } of results.violations) {
        found.push(`${state}${route}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
      }
      assert.ok(results.passes.length > 5, `${state}${route}: axe has looked at nothing`);
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll('body, .scroll, .sheet')]
          .filter((element) => element.scrollWidth > element.clientWidth)
          .map(({ className }) => className),
      );
      const low = await page.evaluate(() =>
        [...document.querySelectorAll('button, a:not(.card-link), label.choice, input[type="text"], textarea')]
          .filter((element) => element.getBoundingClientRect().height < 47.5)
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      found.push(...low.map((html) => `${state}${route}: lower than a finger: ${html}`));
      found.push(...wide.map((name) => `${state}${route}: wider than its place: ${name}`));
      found.push(...troubles.map((trouble) => `${state}${route}: ${trouble}`));
    }
    await visitor.close();
    assert.deepEqual(found, []);
  });
}

test('the text of a question has a contrast of 7 : 1', { skip: SKIP }, async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const visitor = await views.visitor({ colorScheme }, AXE);
    const { page } = await visitor.open('all', '#/requests/diff', true);
    const enhanced = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(context: object, options: RunOptions): Promise<AxeResults> };
      };
      const include = [['.question .title'], ['.question .scroller']];
      return axe.run({ include }, { runOnly: ['color-contrast-enhanced'] });
    });
    assert.deepEqual(
      enhanced.violations.flatMap(({ nodes }) => nodes.map(({ html }) => html)),
      [],
    );
    assert.ok(enhanced.passes.length > 0);
    await visitor.close();
  }
});
