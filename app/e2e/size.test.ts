import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

/** What a phone loads before the first screen, compressed as the relay sends it. */

const DIST = process.env.HARP_APP ?? 'dist';
const LIMIT = 120_000;
const skip = existsSync(join(DIST, 'index.html')) ? false : `no app is built in ${DIST}`;

test('the first load is within 120 KB', { skip }, (context) => {
  const page = readFileSync(join(DIST, 'index.html'), 'utf8');
  const parts = [...page.matchAll(/ (?:src|href)="\.\/([^"#]+)"/g)].map(([, file]) => file ?? '');
  assert.ok(parts.some((file) => file.endsWith('.js')) && parts.some((file) => file.endsWith('.css')), page);
  let sum = 0;
  for (const file of ['index.html', ...parts, 'sw.js']) {
    const bytes = gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length;
    context.diagnostic(`${file}: ${bytes} bytes`);
    sum += bytes;
  }
  context.diagnostic(`in all: ${sum} bytes`);
  assert.ok(sum <= LIMIT, `${sum} bytes`);
});
