import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { skip, World } from './bare.js';
import { Phone, StaticHost } from './phone.js';

/** The built app as a person uses it: the whole way, from the link to the approval. */

const options = { skip, timeout: 120_000 };
let world: World;
let host: StaticHost;

before(async () => {
  if (skip === false) {
    host = await StaticHost.start();
    world = await World.start({ CORS_ORIGINS: host.origin });
  }
});

after(async () => {
  await world?.stop();
  await host?.stop();
});

/** Presses the button once presses count: not within 0.7 s of its appearing. */
async function press(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await button.waitFor();
  await page.waitForTimeout(1_000);
  await button.click();
}

test('a link in the address binds nothing and leaves it; then pairing and an approval', options, async () => {
  const phone = await Phone.start(world.browser, host.page);
  const { program, link } = await world.agent.pair('laptop', world.relay.url, host.page);
  const page = await phone.open(link);
  assert.ok(!page.url().includes(link.slice(link.indexOf('#') + 1)), 'the secret is not in the address any more');
  await page.getByRole('button', { name: 'Pair', exact: true }).waitFor();
  await page.getByRole('checkbox').uncheck();
  await press(page, 'Pair');
  const label = await page.getByRole('img', { name: /^Six digits/ }).getAttribute('aria-label');
  program.type((label ?? '').replace(/\D/g, ''));
  await program.find(/paired|confirm/i);
  await press(page, 'Yes');
  assert.equal(await program.ended, 0, program.output);

  const asked = world.ask('laptop', '--action', 'Deploy to production');
  await page.goto(`${host.page}#/requests`);
  await page.getByText('Deploy to production').first().click();
  await press(page, 'Approve');
  assert.equal(await asked.ended, 0, asked.output);
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});
