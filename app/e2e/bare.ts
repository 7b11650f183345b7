import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import type { Approver, Card, Snapshot } from '../src/approver/approver.js';

/** The rules in a real browser without the views: a page whose `approver` the tests call. */

declare global {
  interface Window {
    readonly approver: Approver;
  }
}

/** Builds the page. The result is its folder, for a static host. */
export async function buildBare(): Promise<string> {
  const outDir = join(process.cwd(), 'build/bare');
  await build({
    root: join(process.cwd(), 'e2e/bare'),
    base: './',
    configFile: false,
    logLevel: 'warn',
    build: { target: 'es2023', outDir, emptyOutDir: true },
  });
  return outDir;
}

/** Waits until the snapshot is as wanted, and gives it. `wanted` runs in the page. */
export async function snapshotWhen(page: Page, wanted: (snapshot: Snapshot) => unknown): Promise<Snapshot> {
  // As text: a function of the test's can refer to nothing outside itself.
  await page.waitForFunction(`(${wanted.toString()})(window.approver.snapshot)`, undefined, { polling: 50 });
  return page.evaluate(() => window.approver.snapshot);
}

/** The one open card, when it is there. */
export async function openCard(page: Page): Promise<Card> {
  const { cards } = await snapshotWhen(page, (snapshot) => snapshot.cards.some((card) => card.status === 'open'));
  const [card] = cards.filter(({ status }) => status === 'open');
  if (card === undefined) {
    throw new Error('the card is gone');
  }
  return card;
}
