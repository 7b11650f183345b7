import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { FakeApprover } from './fake/fake-approver.js';
import { SKIP, Views, type Visitor } from './views.page.js';

/** What a press, a key and a look do on a question. The clock stands; the tests move it. */

let views: Views;
let phone: Visitor;
before(async () => {
  if (SKIP === false) {
    views = await Views.start();
    phone = await views.visitor();
  }
});
after(async () => {
  await views?.close();
});
let page: Page;
let troubles: string[];
beforeEach(() => {
  troubles = [];
});

const GUARD = 700;
const skip = { skip: SKIP };

async function open(state: string, id: string, visitor = phone): Promise<void> {
  ({ page, troubles } = await visitor.open(state, `#/requests/${id}`));
  await page.locator('.bar').waitFor();
}

async function openArmed(state: string, id: string, visitor = phone): Promise<void> {
  await open(state, id, visitor);
  await page.clock.runFor(GUARD);
}

const button = (name: string | RegExp) => page.locator('.bar').getByRole('button', { name });

/** What was asked of the approver by that name. */
async function calls(name: string): Promise<readonly (readonly unknown[])[]> {
  const all = await page.evaluate(() => (globalThis as unknown as { fake: FakeApprover }).fake.calls);
  return all.filter((call) => call.name === name).map(({ parameters }) => parameters);
}

async function changeCard(id: string, part: object): Promise<void> {
  await page.evaluate(
    ([card, change]) => (globalThis as unknown as { fake: FakeApprover }).fake.changeCard(card, change),
    [id, part] as const,
  );
}

test('attack: a press meant for what was there before does not count for 0.7 s', skip, async () => {
  await open('all', 'drop');
  await button('Deny').click();
  await page.clock.runFor(GUARD - 100);
  await button('Deny').click();
  assert.deepEqual(await calls('decide'), []);
  assert.match((await page.locator('.bar-hint').textContent()) ?? '', /Not counted/);
  await page.clock.runFor(100);
  await button('Deny').click();
  assert.deepEqual(await calls('decide'), [['drop', { decision: 'denied' }]]);
});

test('attack: keys do not count for 0.7 s either', skip, async () => {
  await open('all', 'drop');
  await page.keyboard.press('d');
  await page.keyboard.press('d');
  await page.clock.runFor(GUARD);
  await page.keyboard.press('d');
  assert.deepEqual(await calls('decide'), []);
  await page.keyboard.press('d');
  assert.deepEqual(await calls('decide'), [['drop', { decision: 'denied' }]]);
});

test('attack: a card that changes under the finger begins the 0.7 s anew', skip, async () => {
  await openArmed('all', 'drop');
  await changeCard('drop', { problem: 'passkey_cancelled' });
  await page.getByRole('alert').filter({ hasText: 'dialog was closed' }).waitFor();
  await button('Deny').click();
  assert.deepEqual(await calls('decide'), []);
  await page.clock.runFor(GUARD);
  await button('Deny').click();
  assert.equal((await calls('decide')).length, 1);
});

test('attack: a turned phone moves the buttons, and begins the 0.7 s anew', skip, async () => {
  await openArmed('all', 'drop');
  await page.setViewportSize({ width: 844, height: 390 });
  await button('Deny').click();
  assert.deepEqual(await calls('decide'), []);
  await page.setViewportSize({ width: 390, height: 844 });
});

test('attack: 48 KB whose end is not in view cannot be approved', skip, async () => {
  await openArmed('all', 'hostile');
  const approve = button('Approve');
  assert.equal(await approve.getAttribute('aria-disabled'), 'true');
  await approve.click({ force: true });
  await page.locator('.question-scroll').evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.locator('.end-of-question').waitFor();
  await page.keyboard.press('a');
  await page.keyboard.press('a');
  assert.equal(await approve.getAttribute('aria-disabled'), 'true');
  assert.match((await page.locator('.bar-hint').textContent()) ?? '', /Read to the end to approve/);
  assert.deepEqual(await calls('decide'), []);
  await page.getByRole('region', { name: /^Script/ }).evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.getByRole('region', { name: /^Script/ }).scrollIntoViewIfNeeded();
  await page.locator('.bar .first[aria-disabled="false"]').waitFor();
  await approve.click();
  assert.deepEqual(await calls('decide'), [['hostile', { decision: 'approved' }]]);
});

test('the keyboard alone reaches both ends', skip, async () => {
  await openArmed('all', 'hostile');
  await page.getByRole('region', { name: /^Script/ }).focus();
  await page.keyboard.press('End');
  await page.getByRole('region', { name: 'The request', exact: true }).focus();
  await page.keyboard.press('End');
  await page.locator('.bar .first[aria-disabled="false"]').waitFor();
  assert.deepEqual(await calls('decide'), []);
});

test('attack: hostile text is text, complete, and its marks are counted', skip, async () => {
  await openArmed('all', 'hostile');
  assert.equal(await page.locator('.question script, .question b, .agents-words button').count(), 0);
  const heading = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
  assert.match(heading, /U\+202E/);
  assert.match(heading, /<b>safely<\/b>/);
  assert.match(
    (await page.locator('.strange-note').textContent()) ?? '',
    /hidden or direction-changing characters.*underlined words/s,
  );
  const script = await page
    .getByRole('region', { name: /^Script/ })
    .locator('code')
    .textContent();
  assert.equal(script?.length, 48_198);
  assert.ok(script?.endsWith('rm -rf / # the end'));
  assert.equal(await page.locator('.odd', { hasText: 'd\u0435ny' }).count(), 1);
  assert.deepEqual(troubles, []);
});

test('A and D need a second press; another key, holding it down and typing do not count', skip, async () => {
  await openArmed('all', 'drop');
  await page.locator('.bar .first[aria-disabled="false"]').waitFor();
  await page.keyboard.press('a');
  assert.match((await page.locator('.bar-hint').textContent()) ?? '', /Press A again to approve with passkey/);
  await page.keyboard.press('x');
  await page.keyboard.press('a');
  await page.keyboard.press('d');
  await page.keyboard.press('a');
  await page.keyboard.down('a');
  assert.equal((await calls('decide')).length, 1);
  await page.keyboard.up('a');
});

test('a key that is held down is one press', skip, async () => {
  await openArmed('all', 'drop');
  await page.keyboard.down('d');
  await page.keyboard.down('d');
  await page.keyboard.down('d');
  await page.keyboard.up('d');
  assert.deepEqual(await calls('decide'), []);
});

test('a first press is forgotten after five seconds', skip, async () => {
  await openArmed('all', 'drop');
  await page.keyboard.press('d');
  await page.clock.runFor(5_100);
  await page.keyboard.press('d');
  assert.deepEqual(await calls('decide'), []);
});

test('letters typed into the reason decide nothing, and the reason goes along', skip, async () => {
  await openArmed('all', 'drop');
  const reason = page.getByLabel('Reason, if you deny');
  await reason.pressSequentially('dd aa');
  assert.deepEqual(await calls('decide'), []);
  await button('Deny with reason').click();
  assert.deepEqual(await calls('decide'), [['drop', { decision: 'denied', reason: 'dd aa' }]]);
});

test('a reason that is too long says by how much, and is not sent', skip, async () => {
  await openArmed('all', 'drop');
  await page.getByLabel('Reason, if you deny').fill('"'.repeat(501));
  await page.getByText('Too long by 2 bytes').waitFor();
  await button('Deny with reason').click();
  assert.deepEqual(await calls('decide'), []);
});

test('attack: a rule called "Deny" is quoted beside the app\'s own words', skip, async () => {
  await openArmed('all', 'command');
  const rule = page.getByRole('radio', { name: 'Also allow from now on: Deny' });
  assert.equal(await page.getByRole('radio', { name: 'Nothing more: only this once' }).isChecked(), true);
  await rule.check();
  await page.locator('.end-of-question').scrollIntoViewIfNeeded();
  await button('Approve from now on').and(page.locator('[aria-disabled="false"]')).click();
  assert.deepEqual(await calls('decide'), [['command', { decision: 'approved', choice: 'deny' }]]);
});

test('on a small phone no hint moves the buttons', skip, async () => {
  const small = await views.visitor({ viewport: { width: 320, height: 568 } });
  await openArmed('all', 'command', small);
  const height = () => page.locator('.bar').evaluate((element) => element.clientHeight);
  const first = await height();
  await button('Deny').focus();
  await page.keyboard.press('d');
  assert.equal(await height(), first);
  await page.getByRole('radio', { name: 'Also allow from now on: Deny' }).check();
  await page.locator('.bar .first[aria-disabled="false"]').waitFor();
  await button('Approve from now on').focus();
  assert.equal(await height(), first);
  await page.keyboard.press('a');
  assert.equal(await height(), first);
  await changeCard('command', { problem: 'passkey_failed' });
  await button('Deny').click();
  assert.equal(await height(), first);
  await small.close();
});

test('what is not understood can only be denied', skip, async () => {
  await openArmed('all', 'unknown');
  assert.deepEqual(await page.locator('.bar button').allInnerTexts(), ['Deny']);
  await page.getByText('"approve_if"').waitFor();
  await page.keyboard.press('a');
  await page.keyboard.press('a');
  assert.deepEqual(await calls('decide'), []);
});

test('a form says in words what is wrong, keeps what was typed, and sends values', skip, async () => {
  await openArmed('all', 'form');
  await page.locator('.end-of-question').scrollIntoViewIfNeeded();
  const send = button('Send answer').and(page.locator('[aria-disabled="false"]'));
  await send.click();
  assert.deepEqual(await calls('decide'), []);
  await page.getByText('Choose one.').waitFor();
  const notes = page.getByLabel('Release notes');
  await page.clock.runFor(100);
  assert.equal(await notes.evaluate((element) => element === document.activeElement), true);
  await notes.fill('First line\nsecond "line"');
  await page.getByLabel('Share of users').fill('12,5');
  await page.getByText('a point before decimals').waitFor();
  await page.getByLabel('Share of users').fill('12.5');
  await page.getByRole('radio', { name: '4.0.3, only repairs' }).check();
  await page.getByRole('checkbox', { name: 'Asia' }).check();
  await page.getByRole('checkbox', { name: 'Europe' }).check();
  await page.evaluate(() => {
    const { fake } = globalThis as unknown as { fake: FakeApprover };
    fake.change({ phone: { ...fake.snapshot.phone, online: false } });
  });
  await page.getByRole('link', { name: 'Requests' }).click();
  await page.getByRole('link', { name: 'Which release goes out?' }).click();
  assert.equal(await notes.inputValue(), 'First line\nsecond "line"');
  await page.clock.runFor(GUARD);
  await page.locator('.end-of-question').scrollIntoViewIfNeeded();
  await send.click();
  assert.deepEqual(await calls('decide'), [
    [
      'form',
      {
        decision: 'answered',
        values: [
          { name: 'notes', value: 'First line\nsecond "line"' },
          { name: 'percent', value: '12.5' },
          { name: 'release', value: '4.0.3' },
          { name: 'regions', value: ['eu', 'ap'] },
        ],
      },
    ],
  ]);
});

test('a form tells the room that is left before it is too long', skip, async () => {
  await openArmed('all', 'form');
  const notes = page.getByLabel('Release notes');
  await notes.fill('x'.repeat(3_600));
  await page.getByText(/^Room for about \d+ more characters/).waitFor();
  await notes.fill('x'.repeat(4_100));
  await page.getByText(/^Too long by about \d+ characters/).waitFor();
});

test('a notice has one button', skip, async () => {
  await openArmed('all', 'notice');
  await button('Seen').and(page.locator('[aria-disabled="false"]')).click();
  assert.deepEqual(await calls('decide'), [['notice', { decision: 'seen' }]]);
});

test('a card that ends while it is open says what happened, and its button counts after 0.7 s', skip, async () => {
  await openArmed('requests', 'drop');
  await changeCard('drop', { status: 'expired' });
  await page.getByText('That is not a denial').first().waitFor();
  await button('Next request').click();
  assert.match(page.url(), /drop$/);
  await page.clock.runFor(GUARD);
  await button('Next request').click();
  assert.match(page.url(), /command$/);
});
