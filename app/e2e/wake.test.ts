import assert from 'node:assert/strict';
import { createDecipheriv, type ECDH, hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Worker } from 'playwright-core';
import { Phone } from './phone.js';
import { barButton, press, skip, Trial } from './trial.js';

/** From the agent's question to the push service, the service worker, the notification, and the card that it opens. */

const options = { skip, timeout: 60_000 };
let trial: Trial;
let service: Server;
let endpoint: string;
/** The messages that the push service has taken. */
const messages: Buffer[] = [];

before(async () => {
  if (skip !== false) {
    return;
  }
  service = createServer((call, response) => {
    const chunks: Buffer[] = [];
    call.on('data', (chunk: Buffer) => chunks.push(chunk));
    call.on('end', () => {
      messages.push(Buffer.concat(chunks));
      response.writeHead(201).end();
      service.emit('message');
    });
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}/subscription`;
  trial = await Trial.start({ PUSH: 'webpush', PUSH_ALLOW: '127.0.0.1', VAPID_SUBJECT: 'mailto:operator@example.org' });
});

after(async () => {
  await trial?.stop();
  service?.close();
});

/** RFC 8291: what the browser that has these keys reads. */
function decrypt(message: Buffer, key: ECDH, auth: Buffer): string {
  const salt = message.subarray(0, 16);
  const length = message[20] ?? 0;
  const sender = message.subarray(21, 21 + length);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), key.getPublicKey(), sender]);
  const secret = Buffer.from(hkdfSync('sha256', key.computeSecret(sender), auth, info, 32));
  const part = (label: string, size: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${label}\0`, size));
  const sealed = message.subarray(21 + length);
  const decipher = createDecipheriv('aes-128-gcm', part('aes128gcm', 16), part('nonce', 12));
  decipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2)).toString();
}

/** Clicks the notification. Only a person's click may focus a window, so the worker gets stand-ins for that right. */
function click(worker: Worker): Promise<readonly string[]> {
  return worker.evaluate(async () => {
    const scope = self as unknown as ServiceWorkerScope;
    const opened: string[] = [];
    scope.WindowClient.prototype.focus = async function () {
      return this;
    };
    scope.clients.openWindow = async (url) => {
      opened.push(String(url));
    };
    const [notification] = await scope.registration.getNotifications();
    let work: Promise<unknown> = Promise.resolve();
    const event = new scope.NotificationEvent('notificationclick', { notification });
    event.waitUntil = (pending) => {
      work = pending;
    };
    scope.dispatchEvent(event);
    await work;
    return opened;
  });
}

interface ServiceWorkerScope {
  readonly WindowClient: { readonly prototype: { focus: () => Promise<unknown> } };
  readonly clients: { openWindow: (url: URL) => Promise<unknown> };
  readonly registration: ServiceWorkerRegistration;
  readonly NotificationEvent: new (
    type: string,
    init: object,
  ) => Event & { waitUntil: (pending: Promise<unknown>) => void };
  readonly dispatchEvent: (event: Event) => boolean;
}

test('asked, pushed, shown, clicked: the card is open, and its answer arrives', options, async () => {
  const phone = await Phone.start(trial.browser, trial.app, { permissions: ['notifications'] });
  const auth = randomBytes(16);
  const key = await phone.fakeSubscriptions(endpoint, auth.toString('base64url'));
  await phone.context.clock.install();
  const page = await phone.open();
  const agent = await trial.pair(page, 'waker');
  await page.getByRole('button', { name: 'Turn wake-ups on' }).click();
  await page.getByText(/wake-ups on/).waitFor();

  // A phone that is connected reads the question at once, and is not woken for it.
  trial.proxy.answer('GET', /\/events$/, 503, '{"code":"relay_full"}', { 'Retry-After': '600' });
  trial.proxy.cut();
  await page.getByText(/asks to wait/).waitFor();
  await page.goto(`${trial.app}#/past`);
  const pushed = once(service, 'message');
  const asked = await agent.ask({ action: 'Wake up and read' });
  await pushed;
  const text = decrypt(messages.at(-1) ?? Buffer.alloc(0), key, auth);
  const { title, request_id: id, ...more } = JSON.parse(text) as { readonly [name: string]: unknown };
  assert.deepEqual([title, id, Object.keys(more)], ['Approval requested', asked.item.request_id, ['pair_id']]);
  assert.doesNotMatch(text, /Wake up and read|waker/);

  trial.proxy.honest();
  await phone.push(page, text, true);
  let opened: readonly string[] | undefined;
  for (const each of phone.context.serviceWorkers()) {
    const shows = await each.evaluate(
      async () => (await (self as unknown as ServiceWorkerScope).registration.getNotifications()).length,
    );
    if (shows > 0) {
      opened = await click(each);
    }
  }
  assert.deepEqual(opened, [], 'the window that there is comes to the front');
  await page.locator('.question').getByText('Wake up and read').waitFor();
  await press(page, barButton(page, 'Approve'));
  assert.equal((await asked.answer()).answer.decision, 'approved');
  await phone.close();
});
