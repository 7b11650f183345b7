import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Asked } from './raw-agent.js';
import { barButton, cardOf, type Installation, openCard, press, reconnect, settled, skip, Trial } from './trial.js';

/** A relay that lies, as a proxy before the real one: what the person sees, and what the agent gets. */

const options = { skip, timeout: 60_000 };
const ANSWER = /\/response$/;
const ABOUT = /\/about$/;
const EVENTS = /\/events$/;

let trial: Trial;
let phone: Installation['phone'];
let page: Page;

before(async () => {
  if (skip === false) {
    trial = await Trial.start();
  }
});

after(() => trial?.stop());

async function begin(): Promise<void> {
  trial.proxy.honest();
  trial.proxy.arrived.length = 0;
  ({ phone, page } = await trial.phone());
}

/** The foot of the page. */
const foot = (words: string | RegExp) => page.getByText(words).first().waitFor();

/** What is told after this is read: the app has had it all. */
async function sentinel(asked: Asked): Promise<void> {
  await cardOf(page, asked.question.action).waitFor();
}

test('nonsense in every place changes nothing, is told, and the card comes once it ends', options, async () => {
  await begin();
  const agent = await trial.pair(page, 'nonsense');
  const nonsense: readonly (readonly [number, string, string])[] = [
    [200, 'text/html', '<html><script>alert(1)</script>Sign in to the network</html>'],
    [200, 'text/event-stream', 'event: request\nid: 1\ndata: [1,2,3]\n\n'],
    [200, 'text/event-stream', 'event: request\nid: 1\ndata: {"request_id":7,"pair_id":null}\n\n'],
    [200, 'text/event-stream', `event: current\nid: ${'x'.repeat(600)}\ndata: {}\n\n`],
    [
      200,
      'text/event-stream',
      `event: request\nid: 1\ndata: {"request_id":"01890a5d-ac96-774b-bcce-b302099a8057"}\n\n`,
    ],
    [302, 'text/html', ''],
    [401, 'text/html', 'log in'],
    [404, 'application/json', '{}'],
    [410, 'application/json', '{"code":["pair_revoked"]}'],
    [418, 'application/json', '[]'],
  ];
  for (const [status, type, text] of nonsense) {
    trial.proxy.honest();
    await reconnect(page);
    await foot(/^Connected/);
    trial.proxy.answer('GET', EVENTS, status, text, { 'Content-Type': type, Location: '/app/' });
    trial.proxy.cut();
    await foot(/answers what this app does not understand|^No connection/);
  }
  trial.proxy.honest();
  await reconnect(page);
  const asked = await agent.ask({ action: 'After the nonsense' });
  await openCard(page, 'After the nonsense');
  await press(page, barButton(page, 'Approve'));
  assert.equal((await asked.answer()).answer.decision, 'approved');
  await phone.close();
});

test('bodies without an end: an event, a list of facts, and the answer to an answer', options, async () => {
  await begin();
  const agent = await trial.pair(page, 'endless');
  const asked = await agent.ask({ action: 'Endless' });
  await openCard(page, 'Endless');
  const endless = (type: string, start: string) =>
    trial.proxy.hook('PUT', ANSWER, (response) => {
      response.writeHead(200, { 'Content-Type': type });
      response.write(start);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    });
  endless('application/json', '{"state":"responded","more":"');
  trial.proxy.hook('GET', EVENTS, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('event: request\ndata: ');
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
    };
    response.on('drain', more);
    more();
  });
  trial.proxy.cut();
  await press(page, barButton(page, 'Approve'));
  await foot(/Approved, not sent yet/);
  await page.goto(`${trial.app}#/requests`);
  await foot(/answers what this app does not understand/);
  trial.proxy.honest();
  await reconnect(page);
  assert.equal((await asked.answer()).answer.decision, 'approved');
  await foot(/The relay has taken it/);
  await phone.close();
});

test(
  'a question that was answered is told again: the same answer goes out, and nothing is asked',
  options,
  async () => {
    await begin();
    const agent = await trial.pair(page, 'replay');
    const asked = await agent.ask({ action: 'Once only' });
    await openCard(page, 'Once only');
    await press(page, barButton(page, 'Deny'));
    assert.equal((await asked.answer()).answer.decision, 'denied');
    await foot(/The relay has taken it/);
    const later = await agent.ask({ action: 'Another one' });
    trial.proxy.tell([asked.item, later.item, asked.item]);
    await page.goto(`${trial.app}#/requests`);
    await page.reload();
    await sentinel(later);
    await foot(/^1 waiting$/);
    await cardOf(page, 'Once only').click();
    await foot(/Answered elsewhere|Denied/);
    assert.equal(await page.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
    const sent = new Set(trial.proxy.calls('PUT', new RegExp(`${asked.item.request_id}/response$`)));
    assert.equal(sent.size, 1, 'every answer that was sent is the same');
    await phone.close();
  },
);

test('questions under another number, of another agent, or changed, are not shown', options, async () => {
  await begin();
  const one = await trial.pair(page, 'first agent');
  const two = await trial.pair(page, 'second bot');
  const asked = one.seal({ action: 'Moved' });
  const real = two.seal({ action: 'The real one' });
  const flipped = asked.item.ciphertext.startsWith('A') ? 'B' : 'A';
  trial.proxy.tell([
    { ...asked.item, request_id: real.item.request_id },
    { ...asked.item, pair_id: real.item.pair_id },
    { ...asked.item, ciphertext: flipped + asked.item.ciphertext.slice(1) },
    { ...asked.item, nonce: real.item.nonce },
    { ...asked.item, ciphertext: '' },
    { ...asked.item, ciphertext: asked.item.ciphertext.slice(0, 40) },
    { ...asked.item, request_id: 'Approve this: "yes"' },
    real.item,
  ]);
  await sentinel(real);
  await foot(/^1 waiting$/);
  assert.equal(await page.getByText('Moved').count(), 0);
  await phone.close();
});

test(
  'an expired question that is told as new is not shown; with the clock set back it is not approved',
  options,
  async () => {
    await begin();
    const agent = await trial.pair(page, 'expired');
    const now = Math.floor(Date.now() / 1_000);
    const old = agent.seal({ action: 'Long ago', issued_at: now - 900, expires_at: now - 600 });
    const fresh = agent.seal({ action: 'Just now' });
    trial.proxy.tell([old.item, fresh.item]);
    await sentinel(fresh);
    assert.equal(await page.getByText('Long ago').count(), 0);
    // The phone's clock goes back to when the old one was new: only its denial can be given now.
    await page.clock.setSystemTime((now - 800) * 1_000);
    await page.reload();
    await openCard(page, 'Long ago');
    await foot(/This phone's clock is behind/);
    assert.equal(await page.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
    assert.equal(await barButton(page, 'Deny').count(), 1);
    await phone.close();
  },
);

test('out of order: a withdrawal before its question, the newest first, the current in between', options, async () => {
  await begin();
  const agent = await trial.pair(page, 'order');
  const [low, critical] = [
    agent.seal({ action: 'Of little weight', severity: 'low' }),
    agent.seal({ action: 'Of great weight', severity: 'critical' }),
  ];
  trial.proxy.tell([
    { request_id: low.item.request_id, pair_id: low.item.pair_id, state: 'cancelled' },
    low.item,
    critical.item,
  ]);
  await sentinel(low);
  await sentinel(critical);
  const order = await page.locator('.card-action').allTextContents();
  assert.deepEqual(order, ['Of great weight', 'Of little weight'], 'the most severe first, however they came');
  await phone.close();
});

for (const [status, code, headers] of [
  [429, 'rate_limited', { 'Retry-After': '1' }],
  [503, 'relay_full', { 'Retry-After': '1' }],
  [503, 'shutting_down', {}],
  [502, '', { 'Content-Type': 'text/html' }],
] as const) {
  test(`an answer that meets ${status} ${code} waits, and is sent once it may`, options, async () => {
    await begin();
    const agent = await trial.pair(page, `busy ${status}`);
    const asked = await agent.ask({ action: 'Wait for it' });
    await openCard(page, 'Wait for it');
    trial.proxy.answer('PUT', ANSWER, status, code === '' ? '<html>' : JSON.stringify({ code }), headers);
    await press(page, barButton(page, 'Approve'));
    await foot(/Approved\. It is stored here and being sent/);
    trial.proxy.honest();
    await page.clock.fastForward(5_000);
    assert.equal((await asked.answer()).answer.decision, 'approved');
    await foot(/The relay has taken it/);
    await phone.close();
  });
}

test('a page of a captive portal instead of a receipt does not count as sent', options, async () => {
  await begin();
  const agent = await trial.pair(page, 'portal');
  const asked = await agent.ask({ action: 'Through the portal' });
  await openCard(page, 'Through the portal');
  trial.proxy.answer('PUT', ANSWER, 200, '<html>Welcome</html>', { 'Content-Type': 'text/html' });
  await press(page, barButton(page, 'Approve'));
  await foot(/Approved\. It is stored here and being sent/);
  await settled(page);
  assert.equal(await page.getByText('The relay has taken it').count(), 0);
  trial.proxy.honest();
  await page.clock.fastForward(5_000);
  assert.equal((await asked.answer()).answer.decision, 'approved');
  await phone.close();
});

test('a relay that never answers holds back nothing of another relay', options, async () => {
  await begin();
  const silent = await trial.pair(page, 'silent agent');
  const other = await trial.pair(page, 'other bot', trial.relay.url);
  const [held, free] = [await silent.ask({ action: 'Held back' }), await other.ask({ action: 'Let through' })];
  let ended = false;
  // Neither an answer nor an end.
  trial.proxy.hook('PUT', ANSWER, (response) => {
    response.on('close', () => {
      ended = true;
    });
  });
  await openCard(page, 'Held back');
  await press(page, barButton(page, 'Approve'));
  await foot(/Approved\. It is stored here and being sent/);
  await page.getByRole('button', { name: 'Next request' }).waitFor();
  await page.goto(`${trial.app}#/requests`);
  await openCard(page, 'Let through');
  await press(page, barButton(page, 'Approve'));
  assert.equal((await free.answer()).answer.decision, 'approved');
  assert.equal(ended, false, 'the other answer did not wait for the end of this call');
  trial.proxy.honest();
  assert.equal((await held.answer()).answer.decision, 'approved');
  await phone.close();
});

test(
  'a relay that forgets the phone, and then never answers, holds back no card of another relay',
  options,
  async () => {
    await begin();
    await trial.pair(page, 'forgetful agent');
    const other = await trial.pair(page, 'another bot', trial.relay.url);
    const asked = new Promise<void>((resolve) => {
      trial.proxy.hook('PUT', /\/device$/, () => resolve());
    });
    trial.proxy.answer('GET', EVENTS, 401, '{"code":"unauthorized"}');
    trial.proxy.cut();
    await asked;
    await other.ask({ action: 'In time' });
    await cardOf(page, 'In time').waitFor({ timeout: 5_000 });
    await phone.close();
  },
);

test('facts that make no sense, and a clock that lies, change no decision', options, async () => {
  await begin();
  const agent = await trial.pair(page, 'facts');
  trial.proxy.answer('GET', ABOUT, 200, '{"time":-1,"vapid_public_key":"<b>"}');
  await page.reload();
  await foot(/^Connected/);
  trial.proxy.honest();
  trial.proxy.answer('GET', ABOUT, 200, `{"time":${Math.floor(Date.now() / 1_000) + 86_400}}`);
  await page.reload();
  const asked = await agent.ask({ action: 'By the own clock' });
  await openCard(page, 'By the own clock');
  await press(page, barButton(page, 'Approve'));
  assert.equal((await asked.answer()).answer.decision, 'approved');
  await page.goto(`${trial.app}#/agents`);
  await foot(/Its clock is 1440 minutes ahead/);
  await phone.close();
});
