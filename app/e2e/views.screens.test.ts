import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { FakeApprover } from './fake/fake-approver.js';
import { SKIP, Views, type Visitor } from './views.page.js';

/** Ways through the screens: keyboard, focus, pairing, agents, past. */

let views: Views;
let phone: Visitor;
let desktop: Visitor;
before(async () => {
  if (SKIP === false) {
    views = await Views.start();
    phone = await views.visitor();
    desktop = await views.visitor({ viewport: { width: 1_280, height: 800 } });
  }
});
after(async () => {
  await views?.close();
});

const GUARD = 700;
const skip = { skip: SKIP };

async function calls(page: Page, name: string): Promise<readonly (readonly unknown[])[]> {
  const all = await page.evaluate(() => (globalThis as unknown as { fake: FakeApprover }).fake.calls);
  return all.filter((call) => call.name === name).map(({ parameters }) => parameters);
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

test('arrows move through the list, Enter opens, Escape goes back to where one was', skip, async () => {
  const { page } = await desktop.open('requests', '', true);
  await page.keyboard.press('ArrowDown');
  assert.match(await focused(page), /Drop table/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.match(await focused(page), /Run a command/);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: /Drop table/ }).waitFor();
  assert.match(await focused(page), /^Drop table orders_2019 in production$/);
  await page.keyboard.press('Escape');
  assert.match(await focused(page), /Drop table.*left/);
});

test('on a phone one screen at a time, and the browser goes back', skip, async () => {
  const { page } = await phone.open('requests', '', true);
  await page.getByRole('link', { name: /Run a command/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Run a command' }).waitFor();
  assert.equal(await page.getByRole('navigation').count(), 0);
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
});

test('what comes is announced, and only what is critical interrupts', skip, async () => {
  const { page } = await phone.open('requests', '', true);
  await page.getByRole('alert').filter({ hasText: 'New request, Critical: Drop table' }).waitFor();
  await page.getByRole('status').filter({ hasText: 'New request, Medium: Run a command' }).waitFor();
  assert.equal(await page.title(), '(2) Approvals');
});

test('attack: a card that moves up under the finger is not opened for 0.7 s', skip, async () => {
  const { page } = await phone.open('requests', '');
  await page.clock.runFor(GUARD);
  await page.evaluate(() => {
    const { fake } = globalThis as unknown as { fake: FakeApprover };
    fake.change({ cards: fake.snapshot.cards.slice(1) });
  });
  await page.getByRole('link', { name: /Drop table/ }).waitFor({ state: 'detached' });
  const card = page.getByRole('link', { name: /Run a command/ });
  await card.click();
  assert.doesNotMatch(page.url(), /command/);
  await page.clock.runFor(GUARD);
  await card.click();
  assert.match(page.url(), /#\/requests\/command$/);
});

test('an ended card is taken from the list', skip, async () => {
  const { page } = await phone.open('ended', '', true);
  await page.getByRole('button', { name: 'Dismiss A request that is expired' }).click();
  assert.deepEqual(await calls(page, 'dismiss'), [['expired']]);
  assert.equal(await page.getByText('A request that is expired').count(), 0);
});

test('a pasted link is offered, joined with or without a passkey, or cancelled', skip, async () => {
  const { page } = await phone.open('first', '#/pair/paste', true);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Paste the link first.').waitFor();
  await page.getByLabel('Link that harp pair shows').fill('  https://relay.example.org/app/#AQ \n');
  await page.getByRole('button', { name: 'Go on' }).click();
  assert.deepEqual(await calls(page, 'offer'), [['https://relay.example.org/app/#AQ']]);
  const offered = (await phone.open('offered', '', true)).page;
  await offered.getByText('relay.example.org').waitFor();
  assert.equal(await offered.getByRole('checkbox').isChecked(), true);
  await offered.getByRole('checkbox').uncheck();
  await offered.getByText('a tap is enough').waitFor();
  await offered.getByRole('button', { name: 'Pair' }).click();
  assert.deepEqual(await calls(offered, 'join'), [[{ passkey: false }]]);
  await offered.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await calls(offered, 'cancelPairing')).length, 1);
});

test('a passkey is made before the pairing that names it, and a closed dialog joins nothing', skip, async () => {
  const { page } = await phone.open('offered', '', true);
  await page.evaluate(() => {
    (globalThis as unknown as { fake: FakeApprover }).fake.closesDialogs = true;
  });
  await page.getByRole('button', { name: 'Pair' }).click();
  await page.getByText('No passkey was made, so nothing is joined.').waitFor();
  assert.deepEqual(await calls(page, 'join'), []);
  await page.evaluate(() => {
    (globalThis as unknown as { fake: FakeApprover }).fake.closesDialogs = false;
  });
  await page.getByRole('button', { name: 'Pair' }).click();
  assert.equal((await calls(page, 'createPasskey')).length, 2);
  assert.deepEqual(await calls(page, 'join'), [[{ passkey: true }]]);
});

test('on iOS outside the installed app, installing comes first, and the tab stays possible', skip, async () => {
  const start = (await phone.open('ios', '', true)).page;
  await start.getByRole('heading', { name: 'Install the app first' }).waitFor();
  const { page } = await phone.open('install', '#/pair', true);
  await page.getByText('Add to Home Screen').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Pair', exact: true }).count(), 0);
  await page.getByRole('button', { name: 'Pair in this tab' }).click();
  await page.getByRole('button', { name: 'Pair', exact: true }).waitFor();
});

test('attack: a tap on Yes right when the digits appear confirms nothing', skip, async () => {
  const { page } = await phone.open('digits', '#/pair');
  const yes = page.getByRole('button', { name: 'Yes' });
  await yes.click();
  assert.deepEqual(await calls(page, 'confirm'), []);
  await page.getByRole('img', { name: 'Six digits: 4 0 2 9 1 8' }).waitFor();
  await page.clock.runFor(GUARD);
  await yes.click();
  assert.equal((await calls(page, 'confirm')).length, 1);
});

test('attack: an agent with the name of a known one shows no digits before it is renamed', skip, async () => {
  const { page } = await phone.open('resembles', '#/pair');
  await page.clock.runFor(GUARD);
  assert.equal(await page.getByText('402').count(), 0);
  await page.getByRole('button', { name: 'Yes' }).click({ force: true });
  assert.deepEqual(await calls(page, 'confirm'), []);
  await page.getByLabel('Your name for it').fill('');
  await page.getByRole('button', { name: 'Use this name' }).click();
  await page.getByText('A name has 1 to 64 bytes').waitFor();
  await page.getByLabel('Your name for it').fill('new bot');
  await page.getByRole('button', { name: 'Use this name' }).click();
  assert.deepEqual(await calls(page, 'nameAgent'), [['new bot']]);
});

test('No removes what was joined', skip, async () => {
  const { page } = await phone.open('digits', '#/pair');
  await page.clock.runFor(GUARD);
  await page.getByRole('button', { name: 'No, remove' }).click();
  assert.equal((await calls(page, 'cancelPairing')).length, 1);
});

test('the last step is left without cancelling the pairing', skip, async () => {
  const { page } = await phone.open('paired', '#/pair', true);
  await page.getByRole('heading', { name: 'Paired with deploy-bot' }).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('heading', { name: 'Requests' }).waitFor();
  assert.deepEqual(await calls(page, 'cancelPairing'), []);
  assert.equal((await calls(page, 'endPairing')).length, 1);
});

test('the camera is off once one has left', skip, async () => {
  const visitor = await views.visitor({ permissions: ['camera'] }, KEEP_TRACKS);
  const { page } = await visitor.open('first', '#/pair/scan', true);
  await page.getByText('Hold the phone so that').waitFor();
  assert.deepEqual(await page.evaluate(() => tracks()), ['live']);
  await page.getByRole('link', { name: 'Back' }).click();
  await page.getByRole('heading', { name: 'Nothing paired yet' }).waitFor();
  assert.deepEqual(await page.evaluate(() => tracks()), ['ended']);
  await visitor.close();
});

declare function tracks(): readonly string[];
const KEEP_TRACKS = `
  const all = [];
  const media = navigator.mediaDevices;
  const get = media.getUserMedia.bind(media);
  media.getUserMedia = async (wish) => {
    const stream = await get(wish);
    all.push(...stream.getTracks());
    return stream;
  };
  globalThis.tracks = () => all.map(({ readyState }) => readyState);
`;

for (const [error, words] of [
  ['NotAllowedError', 'The camera is not allowed here'],
  ['NotFoundError', 'No camera was found'],
  ['NotReadableError', 'The camera stopped'],
] as const) {
  test(`a camera that fails with ${error} says so, and pasting is the next step`, skip, async () => {
    const refuse = `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', '${error}'); };`;
    const visitor = await views.visitor({}, refuse);
    const { page } = await visitor.open('first', '#/pair/scan', true);
    await page.getByText(words).waitFor();
    await page.getByRole('link', { name: 'Paste a link' }).click();
    await page.getByRole('heading', { name: 'Paste the link' }).waitFor();
    await visitor.close();
  });
}

test('an agent is renamed, paused and, asked once more, removed', skip, async () => {
  const { page } = await phone.open('agents', '#/agents/claude', true);
  await page.getByLabel('Name', { exact: true }).fill('taken');
  await page.getByRole('button', { name: 'Save name' }).click();
  await page.getByText('Another agent has this name.').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  assert.deepEqual(await calls(page, 'setPaused'), [['claude', true]]);
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog', { name: 'Remove claude on laptop?' }).waitFor();
  await page.keyboard.press('Escape');
  assert.deepEqual(await calls(page, 'remove'), []);
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  assert.deepEqual(await calls(page, 'remove'), [['claude']]);
});

test('damaged storage: one way on, asked once more', skip, async () => {
  const { page } = await phone.open('damaged', '', true);
  await page.getByRole('button', { name: 'Begin anew' }).click();
  assert.deepEqual(await calls(page, 'reset'), []);
  await page.getByRole('button', { name: 'Delete everything' }).click();
  assert.equal((await calls(page, 'reset')).length, 1);
});

test('a receipt is saved as a file', skip, async () => {
  const { page } = await phone.open('past', '#/past/1', true);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save receipt' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'receipt-1.json');
});

test('with reduced motion nothing moves by itself', skip, async () => {
  const visitor = await views.visitor({ reducedMotion: 'reduce' });
  const { page } = await visitor.open('requests', '', true);
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((e) => !/^(0s|)$/.test(getComputedStyle(e).transitionDuration)).length,
  );
  assert.equal(moving, 0);
  await visitor.close();
});
