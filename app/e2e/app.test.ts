import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { skip, World } from './bare.js';
import { Phone, StaticHost } from './phone.js';
import { decide, digitsOn, openCard, press } from './real.js';

/** The built app on a static host of its own, with a relay on another origin: the whole way to the approval. */

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

test('a link in the address binds nothing and leaves it; then pairing and an approval', options, async () => {
  const phone = await Phone.start(world.browser, host.page);
  const { program, link } = await world.agent.pair('laptop', world.relay.url, host.page);
  const page = await phone.open(link);
  assert.ok(!page.url().includes(link.slice(link.indexOf('#') + 1)), 'the secret is not in the address any more');
  await page.getByRole('button', { name: 'Pair', exact: true }).waitFor();
  await page.getByRole('checkbox').uncheck();
  await press(page.getByRole('button', { name: 'Pair', exact: true }));
  program.type(await digitsOn(page));
  await program.find(/paired|confirm/i);
  await press(page.getByRole('button', { name: 'Yes', exact: true }));
  assert.equal(await program.ended, 0, program.output);

  const asked = world.ask('laptop', '--action', 'Deploy to production');
  await page.goto(`${host.page}#/requests`);
  await openCard(page, 'Deploy to production');
  await decide(page, 'Approve');
  assert.equal(await asked.ended, 0, asked.output);
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});
