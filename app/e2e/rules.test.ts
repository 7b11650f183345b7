import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { decide, openCard, skip, snapshotWhen, World } from './bare.js';

/** The rules against the real relay and the real `harp`, in a real browser, without the views. */

/** The exit code of `harp request`. */
const DENIED = 10;
const options = { skip, timeout: 120_000 };

let world: World;

before(async () => {
  if (skip === false) {
    world = await World.start();
  }
});

after(() => world?.stop());

/** Until the first card's status is one of these. */
const statusOf = (page: Page) =>
  snapshotWhen(page, ({ cards }) => cards[0] && !['open', 'sending', 'queued'].includes(cards[0].status)).then(
    ({ cards }) => cards[0]?.status,
  );

test('pairs by link, approves by a tap, and exports a receipt that holds', options, async () => {
  const { phone, page } = await world.phone();
  const id = await world.pair(page, 'builder');
  const asked = world.ask('builder', '--action', 'Deploy', '--description', 'To production.');
  const card = await openCard(page);
  assert.equal(card.agent.name, 'builder');
  assert.equal(card.agent.assurance, 'tap');
  await decide(page, card, { decision: 'approved' });
  assert.equal(await asked.ended, 0, asked.output);
  const { past } = await snapshotWhen(page, (snapshot) => snapshot.past[0]?.status === 'sent');
  assert.equal(past[0]?.decision, 'approved');
  const receipt = await page.evaluate(
    async (pastId) => new TextDecoder().decode(await window.approver.receipt(pastId)),
    past[0]?.id ?? '',
  );
  const verified = await world.verify(receipt, id);
  assert.match(verified, /approved/);
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});

test('a denial with its reason, and a request that is withdrawn', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'denied');
  const asked = world.ask('denied', '--action', 'Drop the table');
  await decide(page, await openCard(page), { decision: 'denied', reason: 'Not on a Friday.' });
  assert.equal(await asked.ended, DENIED, asked.output);
  assert.match(asked.output, /Not on a Friday/);

  const withdrawn = world.ask('denied', '--action', 'Try again');
  const card = await openCard(page);
  withdrawn.process.kill('SIGTERM');
  await snapshotWhen(page, ({ cards }) => cards.some(({ status }) => status === 'withdrawn'));
  await decide(page, card, { decision: 'approved' });
  assert.equal((await page.evaluate(() => window.approver.snapshot.past)).length, 1);
  await phone.close();
});

test('a question expires by the own clock, and cannot be answered then', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'expires');
  const asked = world.ask('expires', '--action', 'Quickly', '--ttl', '5');
  const card = await openCard(page);
  assert.equal(await statusOf(page), 'expired');
  await decide(page, card, { decision: 'approved' });
  assert.deepEqual(await page.evaluate(() => window.approver.snapshot.past), []);
  assert.notEqual(await asked.ended, 0);
  await phone.close();
});

test('a revocation by the agent ends its card and the agent', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'revoked');
  const asked = world.ask('revoked', '--action', 'Anything');
  await openCard(page);
  const revoking = world.agent.harp('revoke', '--name', 'revoked');
  assert.equal(await revoking.ended, 0, revoking.output);
  assert.equal(await statusOf(page), 'revoked');
  const { agents } = await snapshotWhen(page, (snapshot) => snapshot.agents[0]?.state === 'ended');
  assert.deepEqual(agents[0]?.name, 'revoked');
  await page.evaluate((id) => window.approver.remove(id), agents[0]?.id ?? '');
  await snapshotWhen(page, (snapshot) => snapshot.agents.length === 0);
  assert.notEqual(await asked.ended, 0);
  await phone.close();
});

test('a removal by the person reaches the agent, after a reload too', options, async () => {
  const { phone, page } = await world.phone();
  const id = await world.pair(page, 'removed');
  await phone.context.setOffline(true);
  await page.evaluate((agentId) => window.approver.remove(agentId), id);
  await snapshotWhen(page, ({ agents }) => agents[0]?.state === 'removing');
  await phone.context.setOffline(false);
  await page.reload();
  await snapshotWhen(page, ({ storage, agents }) => storage === 'ready' && agents.length === 0);
  const asked = world.ask('removed', '--action', 'Anything');
  assert.notEqual(await asked.ended, 0);
  assert.match(asked.output, /revoked/);
  await phone.close();
});

test('a join goes on after a reload, and again after the confirmation', options, async () => {
  const { phone, page } = await world.phone();
  const { program, link } = await world.agent.pair('reloaded', world.relay.url, world.host.page);
  await page.evaluate((text) => window.approver.offer(text), link);
  await page.evaluate(() => window.approver.join({ passkey: false }));
  const first = await snapshotWhen(page, ({ pairing }) => pairing?.step === 'digits');
  await page.reload();
  const second = await snapshotWhen(page, ({ pairing }) => pairing?.step === 'digits');
  assert.ok(first.pairing?.step === 'digits' && second.pairing?.step === 'digits');
  assert.equal(second.pairing.digits, first.pairing.digits);
  program.type(second.pairing.digits);
  await phone.context.setOffline(true);
  await page.evaluate(() => window.approver.confirm());
  await snapshotWhen(page, ({ pairing }) => pairing?.step === 'digits' && pairing.confirming);
  await phone.context.setOffline(false);
  await page.reload();
  await snapshotWhen(page, ({ pairing }) => pairing?.step === 'paired');
  assert.equal(await program.ended, 0, program.output);
  await phone.close();
});

test('two tabs: one decision, and the tab that follows can make it', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'tabs');
  const other = await phone.open();
  await snapshotWhen(other, ({ storage, agents }) => storage === 'ready' && agents.length === 1);
  const asked = world.ask('tabs', '--action', 'Once');
  const [card] = await Promise.all([openCard(page), openCard(other)]);
  await Promise.all([
    decide(other, card, { decision: 'denied' }),
    decide(other, card, { decision: 'approved' }),
    decide(page, card, { decision: 'denied' }),
  ]);
  assert.equal(await asked.ended, DENIED, asked.output);
  assert.equal(await statusOf(page), 'sent');
  assert.equal(await statusOf(other), 'sent');
  const late = await phone.open();
  await snapshotWhen(late, ({ storage, past }) => storage === 'ready' && past.length === 1);

  await page.close();
  const next = world.ask('tabs', '--action', 'By the tab that has taken over');
  await decide(other, await openCard(other), { decision: 'approved' });
  assert.equal(await next.ended, 0, next.output);
  await phone.close();
});

test('an answer given offline is sent when the network is back', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'offline');
  const asked = world.ask('offline', '--action', 'Later');
  const card = await openCard(page);
  await phone.context.setOffline(true);
  await snapshotWhen(page, ({ relays }) => relays[0]?.connection === 'offline');
  await decide(page, card, { decision: 'approved' });
  await snapshotWhen(page, ({ cards }) => cards[0]?.status === 'queued');
  await phone.context.setOffline(false);
  assert.equal(await asked.ended, 0, asked.output);
  assert.equal(await statusOf(page), 'sent');
  await phone.close();
});

test('a resembling name has to be changed first', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'deploy');
  const { program, link } = await world.agent.pair('depl0y', world.relay.url, world.host.page);
  await page.evaluate((text) => window.approver.offer(text), link);
  await page.evaluate(() => window.approver.join({ passkey: false }));
  const { pairing } = await snapshotWhen(page, ({ pairing: now }) => now?.step === 'digits');
  assert.equal(pairing?.step === 'digits' ? pairing.resembles : '', 'deploy');
  await page.evaluate(() => window.approver.confirm());
  assert.equal(await page.evaluate(() => window.approver.snapshot.agents.length), 1);
  await page.evaluate(() => window.approver.cancelPairing());
  await snapshotWhen(page, (snapshot) => snapshot.pairing === undefined);
  await program.stop();
  await page.evaluate((text) => window.approver.offer(text), link);
  await page.evaluate(() => window.approver.join({ passkey: false }));
  const again = await snapshotWhen(page, ({ pairing: now }) => now?.step === 'refused');
  assert.ok(again.pairing?.step === 'refused', 'a link of a pairing that was cancelled binds nothing');
  await phone.close();
});
