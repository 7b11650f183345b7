import { mkdir } from 'node:fs/promises';
import { Views } from './views.page.js';

/**
 * Takes the pictures of the documents: `node build/e2e/pictures.js [FOLDER]`. They show the real views with an approver
 * that only remembers, so that no picture depends on a clock or a key.
 */

const folder = process.argv[2] ?? '../docs/images';
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1_280, height: 800 };
const PICTURES = [
  ['requests', 'requests', '', PHONE],
  ['empty', 'empty', '', PHONE],
  ['command', 'all', '#/requests/command', PHONE],
  ['diff', 'all', '#/requests/diff', PHONE],
  ['danger', 'all', '#/requests/drop', PHONE],
  ['strange', 'all', '#/requests/hostile', PHONE],
  ['digits', 'digits', '#/pair', PHONE],
  ['agents', 'agents', '#/agents', PHONE],
  ['desktop', 'all', '#/requests/diff', DESKTOP],
] as const;

await mkdir(folder, { recursive: true });
const views = await Views.start();
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, state, route, viewport] of PICTURES) {
    const visitor = await views.visitor({ viewport, colorScheme, reducedMotion: 'reduce' });
    const { page } = await visitor.open(state, route);
    await page.clock.runFor(1_000);
    await page.screenshot({ path: `${folder}/app-${name}-${colorScheme}.png` });
    await visitor.close();
  }
}
await views.close();
