import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { CHROMIUM } from './views.page.js';

/** Makes the icons of the app from its drawing: `node build/e2e/icons.js`, after a change of `public/icon.svg`. */

const drawing = await readFile('public/icon.svg', 'utf8');
/** Systems that cut the icon into their own shape want it without corners. */
const full = drawing.replace(' rx="112"', '');
const icons: readonly (readonly [string, number, string])[] = [
  ['icon-192.png', 192, drawing],
  ['icon-512.png', 512, drawing],
  ['icon-maskable.png', 512, full],
  ['apple-touch-icon.png', 180, full],
];

await mkdir('public', { recursive: true });
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
for (const [name, size, svg] of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>* { margin: 0 } svg { display: block; width: ${size}px }</style>${svg}`);
  await writeFile(`public/${name}`, await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
