import { mkdir, stat } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { digitsOn, joinByKey, openCard, press, Real, skip } from './real.js';

/**
 * Takes the pictures of the documents: `npm run screenshots [-- FOLDER]`. They show the built app, paired with the real
 * `harp` by the real relay.
 */

const folder = process.argv[2] ?? '../docs/images';
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1_040, height: 680 };
/** Bytes of a picture at most: they are in everybody's clone. */
const MOST = 120 * 1_024;

const DIFF = `--- a/infra/firewall.tf
+++ b/infra/firewall.tf
@@ -1,6 +1,6 @@
 resource "fw_rule" "db" {
   port   = 5432
-  source = ["10.2.0.0/16"]
+  source = ["0.0.0.0/0"]
   action = "allow"
   log    = true
 }`;

async function shoot(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const path = `${folder}/app-${name}-${colorScheme}.png`;
    await page.screenshot({ path, animations: 'disabled' });
    const { size } = await stat(path);
    if (size > MOST) {
      throw new Error(`${path} has ${size} bytes, more than ${MOST}`);
    }
  }
}

async function back(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Requests' }).click();
  await page.getByRole('heading', { name: 'Requests' }).waitFor();
}

async function take(real: Real): Promise<void> {
  const { phone, page } = await real.phone({ viewport: PHONE, timezoneId: 'UTC' });
  await phone.addAuthenticator(page, 'key');
  await page.getByRole('heading', { name: 'Nothing paired yet' }).waitFor();
  await shoot(page, 'first');

  const { program, link } = await real.agent.pair('deploy-bot', real.relay.url);
  await joinByKey(page, link);
  program.type(await digitsOn(page));
  await program.find(/Now confirm on the phone/);
  await shoot(page, 'digits');
  await press(page.getByRole('button', { name: 'Yes' }));
  await program.ended;
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('Connected to').waitFor();
  await shoot(page, 'empty');

  const command = await real.file('Command', "psql prod -c 'DROP TABLE orders_2019;'");
  const script = await real.file(
    'Script',
    'npm ci && npm run migrate -- --env staging\ncurl -sS https://staging.example.org/health',
  );
  const strange = await real.file('Run', 'rm -rf /srv/\u202egnp.sgol\u202c # \u0430ll of them');
  const diff = await real.file('firewall.diff', DIFF);
  const ask = (action: string, ...options: readonly string[]) => {
    real.ask('deploy-bot', '--action', action, ...options);
    return page.getByRole('link', { name: action }).waitFor();
  };
  await Promise.all([
    ask(
      'Drop table orders_2019 in production',
      ...['--severity', 'critical', '--ttl', '240', '--details', command],
      ...['--reasoning', 'The table was archived on Monday and nothing reads it any more.'],
    ),
    ask(
      'Change the firewall rules of the database',
      ...['--severity', 'high', '--ttl', '900', '--details', diff],
      ...['--reasoning', 'The new office cannot reach the database.'],
    ),
    ask(
      'Run a command',
      ...['--ttl', '600', '--details', script, '--param', 'tool=Bash'],
      ...['--reasoning', 'The staging schema is two versions behind; the tests need the new columns.'],
    ),
    ask('Clean up the \u0440ictures', '--severity', 'low', '--ttl', '1200', '--details', strange),
  ]);
  await shoot(page, 'requests');
  for (const [name, action] of [
    ['danger', 'Drop table orders_2019'],
    ['diff', 'Change the firewall rules'],
    ['command', 'Run a command'],
    ['strange', 'Clean up the'],
  ] as const) {
    await openCard(page, action);
    await page.mouse.move(0, 0);
    await shoot(page, name);
    await back(page);
  }
  await page.getByRole('link', { name: 'Agents' }).click();
  await page.getByRole('heading', { name: 'Agents' }).waitFor();
  await shoot(page, 'agents');

  await page.setViewportSize(DESKTOP);
  await page.getByRole('link', { name: 'Requests' }).click();
  await press(page.getByRole('link', { name: 'Change the firewall rules' }));
  await page.getByRole('heading', { level: 2, name: 'Change the firewall rules' }).waitFor();
  await shoot(page, 'desktop');
  await phone.close();
}

if (skip !== false) {
  throw new Error(skip);
}
await mkdir(folder, { recursive: true });
const real = await Real.start({ PORT: '8787' }, { host: 'build-7', directory: '/srv/shop' });
try {
  await take(real);
} finally {
  await real.stop();
}
