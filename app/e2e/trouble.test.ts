import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { launchProfile } from './phone.js';
import { barButton, cardOf, openCard, press, settled, skip, Trial } from './trial.js';

/** What goes wrong with nobody's ill will, seen on the screen and at the real `harp`. */

/** The exit code of `harp request`. */
const DENIED = 10;
const options = { skip, timeout: 60_000 };

let trial: Trial;
let folder: string;

before(async () => {
  if (skip === false) {
    folder = await mkdtemp(join(tmpdir(), 'harp-e2e-trouble-'));
    trial = await Trial.start({ STORE: `file:${join(folder, 'store')}` });
  }
});

after(async () => {
  await trial?.stop();
  if (folder !== undefined) {
    await rm(folder, { recursive: true, force: true });
  }
});

const shown = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();
const ask = (name: string, ...more: readonly string[]) => trial.machine.harp('request', '--name', name, ...more);

test('harp: expired is told as expired at both ends, withdrawn and revoked each by its word', options, async () => {
  const { phone, page } = await trial.phone();
  await trial.pairHarp(page, 'worker');
  const expiring = ask('worker', '--action', 'Too quick', '--ttl', '8');
  await openCard(page, 'Too quick');
  const code = await expiring.ended;
  assert.notEqual(code, 0);
  assert.notEqual(code, DENIED);
  assert.match(expiring.output, /expired/i);
  assert.doesNotMatch(expiring.output, /denied/i);
  await shown(page, /Expired at .* without an answer\. That is not a denial/);
  assert.equal(await page.getByRole('button', { name: /^(Approve|Deny)$/ }).count(), 0);

  await page.goto(`${trial.app}#/requests`);
  const withdrawn = ask('worker', '--action', 'Never mind');
  await openCard(page, 'Never mind');
  withdrawn.process.kill('SIGTERM');
  await shown(page, /The agent took this request back/);
  await withdrawn.ended;
  assert.equal(await page.getByRole('button', { name: /^(Approve|Deny)$/ }).count(), 0);

  await page.goto(`${trial.app}#/requests`);
  const revoked = ask('worker', '--action', 'Cut off');
  await openCard(page, 'Cut off');
  const revoking = trial.machine.harp('revoke', '--name', 'worker');
  assert.equal(await revoking.ended, 0, revoking.output);
  await shown(page, /The pairing has ended/);
  assert.notEqual(await revoked.ended, 0);
  await page.goto(`${trial.app}#/agents`);
  await shown(page, /Ended from the other side/);
  await phone.close();
});

test('removed on the phone: the agent is revoked, and its card is gone', options, async () => {
  const { phone, page } = await trial.phone();
  const agent = await trial.pair(page, 'removed');
  const asked = await agent.ask({ action: 'Still open' });
  await cardOf(page, 'Still open').waitFor();
  await page.goto(`${trial.app}#/agents`);
  await page.getByRole('link', { name: /removed/ }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  assert.equal(await asked.final(), 'cancelled');
  assert.equal(await agent.paired(), false);
  await page.goto(`${trial.app}#/requests`);
  await shown(page, 'Nothing paired yet');
  assert.equal(await cardOf(page, 'Still open').count(), 0);
  await phone.close();
});

test('a reload keeps the question open, and afterwards the decision', options, async () => {
  const { phone, page } = await trial.phone();
  const agent = await trial.pair(page, 'reloads');
  const asked = await agent.ask({ action: 'Across a reload' });
  await openCard(page, 'Across a reload');
  await page.reload();
  await press(page, barButton(page, 'Deny'));
  assert.equal((await asked.answer()).answer.decision, 'denied');
  await page.goto(`${trial.app}#/past`);
  await page.reload();
  await shown(page, 'Across a reload');
  await phone.close();
});

test('two tabs and a double tap: one answer, and both say so', options, async () => {
  const { phone, page } = await trial.phone();
  const agent = await trial.pair(page, 'tabs');
  const other = await phone.open();
  trial.proxy.arrived.length = 0;
  const asked = await agent.ask({ action: 'Only once' });
  await openCard(page, 'Only once');
  await openCard(other, 'Only once');
  const [approve, deny] = [barButton(page, 'Approve'), barButton(other, 'Deny')];
  await Promise.all([approve.waitFor(), deny.waitFor()]);
  await settled(page);
  await settled(other);
  await Promise.all([approve.dblclick(), deny.dblclick().catch(() => undefined)]);
  const { answer } = await asked.answer();
  const word = answer.decision === 'approved' ? /^Approved at/ : /^Denied at/;
  await shown(page, word);
  await shown(other, word);
  const sent = new Set(trial.proxy.calls('PUT', new RegExp(`${asked.item.request_id}/response$`)));
  assert.equal(sent.size, 1);
  await phone.close();
});

test('answered offline: sent once the network is back, or told that it was too late', options, async () => {
  const { phone, page } = await trial.phone();
  const agent = await trial.pair(page, 'offline');
  const now = Math.floor(Date.now() / 1_000);
  const late = await agent.ask({ action: 'Soon too late', issued_at: now, expires_at: now + 10 });
  const lasting = await agent.ask({ action: 'Lasting' });
  await cardOf(page, 'Lasting').waitFor();
  await cardOf(page, 'Soon too late').waitFor();
  await phone.context.setOffline(true);
  await shown(page, /^Offline/);
  for (const action of ['Soon too late', 'Lasting']) {
    await openCard(page, action);
    await press(page, barButton(page, 'Approve'));
    await shown(page, /Approved, not sent yet: no connection/);
    await page.goto(`${trial.app}#/requests`);
  }
  assert.equal(await late.final(), 'expired');
  await phone.context.setOffline(false);
  assert.equal((await lasting.answer()).answer.decision, 'approved');
  await shown(page, /Too late: it expired at/);
  await shown(page, /Approved at .* The relay has taken it/);
  await phone.close();
});

test('a relay that is drained and comes back goes on with the pairing', options, async () => {
  const { phone, page } = await trial.phone();
  const agent = await trial.pair(page, 'drained');
  const asked = await agent.ask({ action: 'Outlives the relay' });
  await openCard(page, 'Outlives the relay');
  await trial.relay.stop();
  await press(page, barButton(page, 'Approve'));
  await shown(page, /Approved/);
  await page.goto(`${trial.app}#/requests`);
  await shown(page, /is restarting|No connection/);
  await trial.relay.startAgain();
  assert.equal((await asked.answer()).answer.decision, 'approved');
  await shown(page, /The relay has taken it/);
  const next = await agent.ask({ action: 'After the restart' });
  await openCard(page, 'After the restart');
  await press(page, barButton(page, 'Approve'));
  assert.equal((await next.answer()).answer.decision, 'approved');
  await phone.close();
});

test(
  'a storage that is lost: nothing is paired, the old pairing stays mute, and pairing anew works',
  options,
  async () => {
    const { phone, page } = await trial.phone();
    const agent = await trial.pair(page, 'before');
    const unanswered = await agent.ask({ action: 'For lost keys' });
    await cardOf(page, 'For lost keys').waitFor();
    const session = await phone.context.newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin: trial.proxy.url, storageTypes: 'all' });
    await page.goto(trial.app);
    await page.reload();
    await shown(page, 'Nothing paired yet');
    assert.equal(await page.getByText('For lost keys').count(), 0);
    const anew = await trial.pair(page, 'afterwards');
    const asked = await anew.ask({ action: 'With new keys' });
    await openCard(page, 'With new keys');
    await press(page, barButton(page, 'Approve'));
    assert.equal((await asked.answer()).answer.decision, 'approved');
    await unanswered.cancel();
    await phone.close();
  },
);

test('a storage restored from a copy: the second answer to one question is told as such', options, async () => {
  const [original, copy] = [join(folder, 'original'), join(folder, 'copy')];
  const begin = async (profile: string): Promise<{ readonly context: BrowserContext; readonly page: Page }> => {
    const context = await launchProfile(profile);
    await context.clock.install();
    const page = await context.newPage();
    await page.goto(trial.app);
    return { context, page };
  };
  const first = await begin(original);
  const agent = await trial.pair(first.page, 'copied');
  await first.context.close();
  await cp(original, copy, { recursive: true });
  const [one, two] = [await begin(original), await begin(copy)];
  const asked = await agent.ask({ action: 'Asked of two' });
  await openCard(one.page, 'Asked of two');
  await openCard(two.page, 'Asked of two');
  await press(one.page, barButton(one.page, 'Approve'));
  assert.equal((await asked.answer()).answer.decision, 'approved');
  await shown(one.page, /The relay has taken it/);
  await press(two.page, barButton(two.page, 'Deny'));
  await shown(two.page, /Answered elsewhere at .*, by another copy of this app/);
  assert.equal((await asked.answer()).answer.decision, 'approved', 'the first answer stands');
  await one.context.close();
  await two.context.close();
});
