import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { buildBare, openCard, snapshotWhen } from './bare.js';
import { BROWSER_MISSING, launch, Phone, StaticHost } from './phone.js';
import { Agent, PROGRAMS_MISSING, Relay } from './programs.js';

/** The rules against the real relay and the real `harp`, in a real browser, without the views. */

const skip = BROWSER_MISSING ?? PROGRAMS_MISSING ?? false;

let host: StaticHost;
let relay: Relay;
let browser: Browser;
let agent: Agent;

before(async () => {
  if (skip === false) {
    host = await StaticHost.start(await buildBare());
    relay = await Relay.start({ CORS_ORIGINS: host.origin });
    browser = await launch();
    agent = await Agent.create();
  }
});

after(async () => {
  await browser?.close();
  await relay?.stop();
  await host?.stop();
  await agent?.remove();
});

/** Pairs by link, with the digits typed at the agent. */
async function pair(page: Page, name: string, passkey = false): Promise<void> {
  const { program, link } = await agent.pair(name, relay.url, host.page);
  await page.evaluate((text) => window.approver.offer(text), link);
  await snapshotWhen(page, ({ pairing }) => pairing?.step === 'offered');
  await page.evaluate((options) => window.approver.join(options), { passkey });
  const { pairing } = await snapshotWhen(page, ({ pairing: now }) => now?.step === 'digits' || now?.step === 'refused');
  assert.equal(pairing?.step, 'digits');
  program.type(pairing.step === 'digits' ? pairing.digits : '');
  await page.evaluate(() => window.approver.confirm());
  await snapshotWhen(page, ({ pairing: now }) => now?.step === 'paired');
  assert.equal(await program.ended, 0, program.output);
  await page.evaluate(() => window.approver.endPairing());
}

test('pairs by link, shows a question, and approves it by a tap', { skip }, async () => {
  const phone = await Phone.start(browser, host.page);
  const page = await phone.open();
  await pair(page, 'builder');
  const asked = agent.harp('request', '--name', 'builder', '--action', 'Deploy', '--description', 'To production.');
  const card = await openCard(page);
  assert.equal(card.agent.name, 'builder');
  await page.evaluate((id) => window.approver.decide(id, { decision: 'approved' }), card.id);
  assert.equal(await asked.ended, 0, asked.output);
  const { past } = await snapshotWhen(page, (snapshot) => snapshot.past[0]?.status === 'sent');
  assert.equal(past[0]?.decision, 'approved');
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});
