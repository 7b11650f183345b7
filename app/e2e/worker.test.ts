import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { BROWSER_MISSING, launch, Phone, StaticHost } from './phone.js';

/** The built app: its policy, its service worker, and a push that is delivered to it. */

const skip = BROWSER_MISSING ?? false;

let host: StaticHost;
let browser: Browser;

before(async () => {
  if (skip === false) {
    host = await StaticHost.start();
    browser = await launch();
  }
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

/** Opens the app, and resolves when its worker is active. */
async function opened(phone: Phone): Promise<Page> {
  const page = await phone.open();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  return page;
}

test('the page loads under its policy, without a violation', { skip }, async () => {
  const phone = await Phone.start(browser, host.page);
  const page = await opened(phone);
  const policy = page.locator('meta[http-equiv="Content-Security-Policy"]');
  assert.match((await policy.getAttribute('content')) ?? '', /require-trusted-types-for 'script'/);
  const told = page.waitForEvent('console', (message) => message.text().startsWith('policy violated'));
  await assert.rejects(
    page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<b>x</b>')),
    /TrustedHTML/,
  );
  await told;
  const own = phone.troubles.splice(0);
  assert.ok(
    own.every((trouble) => /TrustedHTML|insertAdjacentHTML/.test(trouble)),
    own.join('\n'),
  );
  await phone.close();
});

test('starts without a network once its worker has the files', { skip }, async () => {
  const phone = await Phone.start(browser, host.page);
  const page = await opened(phone);
  await phone.context.setOffline(true);
  await page.reload();
  await page.locator('#app > *').first().waitFor();
  await phone.close();
});

test('a push shows one notification, whatever it carries, and the time is remembered', { skip }, async () => {
  const phone = await Phone.start(browser, host.page, { permissions: ['notifications'] });
  const page = await opened(phone);
  const declarative = '{"web_push":8030,"notification":{"title":"Another title","navigate":"https://example.org/"}}';
  for (const data of [declarative, '', 'no JSON \u0000']) {
    await phone.push(page, data);
  }
  const shown = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body }) => `${title}: ${body}`);
  });
  assert.deepEqual(shown, ['Approval requested: Open the app to read and answer.']);
  const at = await page.evaluate(async () => {
    const settled = (asked: IDBRequest) =>
      new Promise((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
      });
    // The worker makes it and writes it after the notification is shown. Opening it here would make it without a store.
    const made = async () => (await indexedDB.databases()).some(({ name }) => name === 'harp-wake');
    let last: unknown;
    while (last === undefined) {
      if (await made()) {
        const database = (await settled(indexedDB.open('harp-wake'))) as IDBDatabase;
        last = await settled(database.transaction('wake').objectStore('wake').get('last'));
        database.close();
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return last;
  });
  assert.ok(typeof at === 'number' && Math.abs(at - Date.now() / 1_000) < 60, `remembered ${String(at)}`);
  await phone.close();
});
