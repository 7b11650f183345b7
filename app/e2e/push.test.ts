import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { skip, snapshotWhen, World } from './bare.js';
import { Phone } from './phone.js';

/** Subscribing. The browser cannot reach its push service here, so the page gets subscriptions of the test's. */

const options = { skip, timeout: 120_000 };
let world: World;

before(async () => {
  if (skip === false) {
    world = await World.start({ PUSH: 'webpush', VAPID_SUBJECT: 'mailto:operator@example.org' });
  }
});

after(() => world?.stop());

test('subscribes with the key that the relay tells, and again after a start', options, async () => {
  const phone = await Phone.start(world.browser, world.host.page, { permissions: ['notifications'] });
  await phone.fakeSubscriptions('https://push.example.org/one', randomBytes(16).toString('base64url'));
  const page = await phone.open();
  const told: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') {
      told.push(request.postData() ?? '');
    }
  });
  await world.pair(page, 'woken');
  await page.evaluate(() => window.approver.enableWakeUps());
  await snapshotWhen(page, ({ phone: state }) => state.wakeUps.state === 'on');
  assert.equal(told.length, 1);
  const { push_token: token } = JSON.parse(told[0] ?? '{}') as { readonly push_token: string };
  const { endpoint, keys } = JSON.parse(token) as { readonly endpoint: string; readonly keys: object };
  assert.equal(endpoint, 'https://push.example.org/one');
  assert.deepEqual(Object.keys(keys).sort(), ['auth', 'p256dh']);

  const again = page.waitForResponse((response) => response.request().method() === 'PATCH');
  await page.reload();
  assert.equal((await again).status(), 200);
  await snapshotWhen(page, ({ phone: state }) => state.wakeUps.state === 'on');

  await page.evaluate(() => window.approver.disableWakeUps());
  await snapshotWhen(page, ({ phone: state }) => state.wakeUps.state === 'off');
  assert.deepEqual(JSON.parse(told.at(-1) ?? ''), { push_token: null });
  await phone.close();
});
