import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { decide, openCard, skip, snapshotWhen, World } from './bare.js';
import type { Phone } from './phone.js';

/** Passkeys of a phone and of a security key, checked by the real `harp`. */

const options = { skip, timeout: 120_000 };
let world: World;

before(async () => {
  if (skip === false) {
    world = await World.start();
  }
});

after(() => world?.stop());

async function withPasskey(kind: 'platform' | 'key'): Promise<{ readonly phone: Phone; readonly page: Page }> {
  const { phone, page } = await world.phone();
  await phone.addAuthenticator(page, kind);
  await page.evaluate(() => window.approver.createPasskey());
  const { phone: state } = await snapshotWhen(page, (snapshot) => snapshot.phone.passkey !== 'none');
  assert.equal(state.passkey, kind === 'platform' ? 'synced' : 'bound');
  return { phone, page };
}

test('a synced passkey gives biometric, and never elevated', options, async () => {
  const { phone, page } = await withPasskey('platform');
  const id = await world.pair(page, 'synced', true);
  assert.equal((await page.evaluate(() => window.approver.snapshot.agents))[0]?.assurance, 'biometric');
  const asked = world.ask('synced', '--action', 'Deploy');
  const card = await openCard(page);
  assert.equal(card.needsPasskey, true);
  await decide(page, card, { decision: 'approved' });
  assert.equal(await asked.ended, 0, asked.output);
  const { past } = await snapshotWhen(page, (snapshot) => snapshot.past[0]?.status === 'sent');
  assert.equal(past[0]?.assurance, 'biometric');
  const receipt = await page.evaluate(
    async (pastId) => new TextDecoder().decode(await window.approver.receipt(pastId)),
    past[0]?.id ?? '',
  );
  assert.match(await world.verify(receipt, id), /biometric/);
  const elevated = world.ask('synced', '--action', 'Deploy', '--assurance', 'elevated');
  assert.notEqual(await elevated.ended, 0, 'refused before it is sent');
  await phone.close();
});

test('a security key gives elevated; without its user nothing is decided', options, async () => {
  const { phone, page } = await world.phone();
  const session = await phone.addAuthenticator(page, 'key');
  await page.evaluate(() => window.approver.createPasskey());
  await snapshotWhen(page, (snapshot) => snapshot.phone.passkey === 'bound');
  await world.pair(page, 'bound', true);
  const asked = world.ask('bound', '--action', 'Deploy', '--assurance', 'elevated');
  const card = await openCard(page);

  await phone.refuse(session, true);
  await decide(page, card, { decision: 'approved' });
  const { cards, past } = await page.evaluate(() => window.approver.snapshot);
  assert.equal(cards[0]?.problem, 'passkey_cancelled');
  assert.deepEqual(past, []);

  await phone.refuse(session, false);
  await decide(page, card, { decision: 'approved' });
  assert.equal(await asked.ended, 0, asked.output);
  const sent = await snapshotWhen(page, (snapshot) => snapshot.past[0]?.status === 'sent');
  assert.equal(sent.past[0]?.assurance, 'elevated');
  await phone.close();
});

test('joining with a passkey makes one, if there is none', options, async () => {
  const { phone, page } = await world.phone();
  await phone.addAuthenticator(page, 'key');
  await world.pair(page, 'made', true);
  assert.equal((await page.evaluate(() => window.approver.snapshot.agents))[0]?.assurance, 'elevated');
  await phone.close();
});

test('a pairing without the passkey can be asked for a tap only', options, async () => {
  const { phone, page } = await withPasskey('key');
  await world.pair(page, 'plain', false);
  assert.equal((await page.evaluate(() => window.approver.snapshot.agents))[0]?.assurance, 'tap');
  await phone.close();
});
