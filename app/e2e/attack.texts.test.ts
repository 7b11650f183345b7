import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { RawAgent } from './raw-agent.js';
import type { Installation } from './trial.js';
import { axe, barButton, cardOf, openCard, press, settled, skip, Trial } from './trial.js';

/** Texts that an agent sends to be approved by mistake, over the real relay, and axe on each screen with them. */

const options = { skip, timeout: 120_000 };
/** U+202E, U+2066 and the like: what follows is shown backwards. */
const BACKWARDS = '\u202e';
const HIDDEN = '\u200b\u2060\u00ad';
/** "deny" with a Cyrillic e. */
const LIKE_DENY = 'd\u0435ny';
const MARKUP =
  '<script>alert(1)</script><img src=x onerror="alert(1)"><button class="button first">Approve</button>' +
  '<style>.bar{display:none}</style><a href="javascript:alert(1)">more</a>';

let trial: Trial;

before(async () => {
  if (skip === false) {
    trial = await Trial.start();
  }
});

after(() => trial?.stop());

/** Scrolls the text, and then the screen, to the end of the text. */
async function readToEnd(region: Locator): Promise<void> {
  await region.evaluate((element) => {
    element.scrollTo(0, element.scrollHeight);
    element.scrollIntoView({ block: 'end' });
  });
  await settled(region.page());
}

/** Nothing of what the agent wrote is markup, a script or a dialog. */
async function begin(): Promise<Installation & { readonly dialogs: string[] }> {
  const installation = await trial.phone();
  const dialogs: string[] = [];
  installation.page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return { ...installation, dialogs };
}

test('hostile texts in every member are text on every screen; axe finds nothing there', options, async () => {
  const { phone, page, dialogs } = await begin();
  const agent = await trial.pair(page, 'writer');
  const hostile = `${MARKUP} ${BACKWARDS}yned ${HIDDEN} ${LIKE_DENY}`;
  const asked = await agent.ask({
    action: `Run ${BACKWARDS}tset ${LIKE_DENY} <b>now</b>`,
    severity: 'critical',
    description: hostile,
    reasoning: hostile,
    context: { agent: hostile, host: hostile, directory: hostile, session: hostile },
    parameters: [{ name: `name ${BACKWARDS}`, value: hostile }],
    details: [
      { label: `Label ${BACKWARDS}`, format: 'diff', text: `--- a\n+++ b\n@@ -1 +1 @@\n-${hostile}\n+${hostile}` },
      { label: 'Code', format: 'code', text: hostile },
    ],
    choices: [{ id: 'always', rule: `Deny ${LIKE_DENY} ${BACKWARDS}` }],
  });
  const found: string[] = [];
  const look = async (screen: string): Promise<void> => {
    await settled(page);
    found.push(...(await axe(page)).map((line) => `${screen}: ${line}`));
    const hidden = await page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter((element) =>
          [...element.childNodes].some((node) => /[\u202e\u200b\u2060\u00ad]/.test(node.nodeValue ?? '')),
        )
        .map(({ outerHTML }) => outerHTML),
    );
    found.push(...hidden.map((html) => `${screen}: holds hidden characters: ${html}`));
    assert.equal(await page.locator('main script, main style, main img[src="x"], main a[href^="java"]').count(), 0);
  };
  await cardOf(page, /Run/).waitFor();
  await look('list');
  await openCard(page, '<b>now</b>');
  await look('question');
  assert.match((await page.getByRole('heading', { level: 1 }).textContent()) ?? '', /U\+202E/);
  assert.equal(await page.locator('.odd', { hasText: LIKE_DENY }).first().isVisible(), true);
  // The rule calls itself "Deny": it is quoted, and the app's own buttons keep their words.
  await page.getByRole('radio', { name: /^Also allow from now on: Deny/ }).check();
  assert.equal(await page.locator('.bar').getByRole('button').count(), 2);
  await press(page, barButton(page, 'Deny'));
  const { answer } = await asked.answer();
  assert.deepEqual([answer.decision, answer.choice], ['denied', undefined], 'a rule goes with an approval only');
  await look('answered');
  for (const screen of ['past', 'agents', 'requests']) {
    await page.goto(`${trial.app}#/${screen}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look(screen);
  }
  assert.deepEqual(found, []);
  assert.deepEqual(dialogs, []);
  await phone.close();
});

test(
  'lines without a break, with a rule offered: approved only when each text was in view to its end',
  options,
  async () => {
    const { phone, page } = await begin();
    const agent = await trial.pair(page, 'endless');
    const asked = await agent.ask({
      action: 'Endless lines',
      details: [
        { label: `Change ${BACKWARDS}`, format: 'diff', text: `+${`${BACKWARDS}${LIKE_DENY}`.repeat(1_200)}` },
        { label: 'Code', format: 'code', text: 'x'.repeat(20_000) },
        { label: 'Text', format: 'text', text: '\u05d0'.repeat(4_000) },
      ],
      choices: [{ id: 'always', rule: MARKUP }],
    });
    await openCard(page, 'Endless lines');
    const approve = page.locator('.bar').getByRole('button', { name: 'Approve from now on' });
    await page.getByRole('radio', { name: /^Also allow from now on/ }).check();
    const regions = await page.locator('.scroller').all();
    assert.equal(regions.length, 3);
    for (const region of regions) {
      assert.equal(await region.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), 0, 'wraps');
      await page.locator('.end-of-question').scrollIntoViewIfNeeded();
      await settled(page);
      await approve.click({ force: true });
      assert.equal(await approve.getAttribute('aria-disabled'), 'true');
      await readToEnd(region);
    }
    await press(page, approve);
    const { answer } = await asked.answer();
    assert.deepEqual([answer.decision, answer.choice], ['approved', 'always']);
    await phone.close();
  },
);

test('48 KB are shown to their end, and approved only once it was in view', options, async () => {
  const { phone, page } = await begin();
  const agent = await trial.pair(page, 'long');
  const text = `${'# the same as before, line by line\n'.repeat(1_330)}rm -rf / # the end`;
  const asked = await agent.ask({ action: 'A long script', details: [{ label: 'Script', format: 'code', text }] });
  await openCard(page, 'A long script');
  const script = page.getByRole('region', { name: /^Script/ });
  const approve = page.locator('.bar').getByRole('button', { name: 'Approve', exact: true });
  assert.equal(await approve.getAttribute('aria-disabled'), 'true');
  await settled(page);
  await approve.click({ force: true });
  assert.equal((await script.locator('code').textContent())?.length, text.length);
  await page.locator('.end-of-question').scrollIntoViewIfNeeded();
  await settled(page);
  await approve.click({ force: true });
  assert.equal(trial.proxy.calls('PUT', new RegExp(asked.item.request_id)).length, 0, 'nothing was sent');
  await readToEnd(script);
  await page.locator('.end-of-question').scrollIntoViewIfNeeded();
  await press(page, barButton(page, 'Approve'));
  assert.equal((await asked.answer()).answer.decision, 'approved');
  await phone.close();
});

test('an agent whose name is hostile is shown with its marks, from the pairing on', options, async () => {
  const { phone, page, dialogs } = await begin();
  await trial.pair(page, 'deploy');
  const agent = await RawAgent.open(trial.relay.url, 'd\u0435ploy <b>', trial.proxy.url);
  await page.goto(agent.link);
  await page.getByRole('checkbox').uncheck();
  await press(page, page.getByRole('button', { name: 'Pair', exact: true }));
  await agent.hello();
  await page.locator('.odd').first().waitFor();
  assert.equal(await page.locator('main b').count(), 0);
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(dialogs, []);
  await phone.close();
});
