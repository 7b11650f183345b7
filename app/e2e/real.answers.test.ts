import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { RawAgent } from './raw-agent.js';
import { decide, digitsOn, joinByTap, openCard, press, Real, skip } from './real.js';

/** What a person answers on the page that the relay serves, and what the real `harp` is given. */

const options = { skip, timeout: 120_000 };
/** Exit codes of `harp`. */
const DENIED = 10;
const USAGE = 2;

let real: Real;

before(async () => {
  if (skip === false) {
    real = await Real.start();
  }
});

after(() => real?.stop());

interface Printed {
  readonly outcome: string;
  readonly assurance?: string;
  readonly reason?: string;
  readonly choice?: string;
  readonly values?: readonly { readonly name: string; readonly value: string | readonly string[] }[];
}

function printed(output: string): Printed {
  const line = output.split('\n').find((text) => text.startsWith('{'));
  assert.ok(line !== undefined, output);
  return JSON.parse(line) as Printed;
}

/** The words at the question's foot after an answer, when the relay has it. */
async function sent(page: Page, decision: string): Promise<void> {
  await page.getByText(new RegExp(`^${decision} at .*The relay has taken it`)).waitFor();
}

test('approved by a tap: everything that was asked is on the screen', options, async () => {
  const { phone, page } = await real.paired('tapper');
  const script = await real.file('migrate.sh', 'set -e\nnpm run migrate\n');
  const asked = real.ask(
    ...['tapper', '--json', '--action', 'Run the migration', '--severity', 'high', '--details', script],
    ...['--description', 'On staging.', '--reasoning', 'Two versions behind.\n'.repeat(20), '--param', 'schema=shop'],
  );
  await openCard(page, 'Run the migration');
  const question = page.locator('.question');
  for (const text of ['npm run migrate', 'High', 'On staging.', 'Two versions behind.', 'schema', 'shop', 'a tap']) {
    await question.getByText(text, { exact: false }).first().waitFor();
  }
  await page.getByText('Read to the end to approve').waitFor();
  await decide(page, 'Approve');
  assert.equal(await asked.ended, 0, asked.output);
  const { outcome, assurance } = printed(asked.output);
  assert.deepEqual([outcome, assurance], ['approved', 'tap']);
  await sent(page, 'Approved');
  await page.goto(`${real.relay.app}#/past`);
  await page.getByRole('link', { name: /Run the migration/ }).click();
  await page.getByText('with a tap').waitFor();
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});

for (const prf of [true, false]) {
  const name = `synced-${prf ? 'with' : 'without'}-prf`;
  test(`approved by a synced passkey ${prf ? 'with' : 'without'} PRF: biometric`, options, async () => {
    const { phone, page } = await real.pairedByPasskey(name, 'platform', prf);
    const asked = real.ask(name, '--json', '--action', 'Deploy');
    await openCard(page, 'Deploy');
    await decide(page, 'Approve with passkey');
    assert.equal(await asked.ended, 0, asked.output);
    assert.equal(printed(asked.output).assurance, 'biometric');
    await sent(page, 'Approved');
    assert.deepEqual(phone.troubles, []);
    await phone.close();
  });
}

test('a security key, not backup eligible: elevated; no answer without its touch', options, async () => {
  const { phone, page } = await real.phone();
  const key = await phone.addAuthenticator(page, 'key');
  await real.pair(page, 'keyed', true);
  const asked = real.ask('keyed', '--json', '--action', 'Drop a table', '--assurance', 'elevated');
  await openCard(page, 'Drop a table');
  await page.getByText('a passkey that cannot leave its device').waitFor();

  await phone.refuse(key, true);
  await decide(page, 'Approve with passkey');
  await page.getByRole('alert').filter({ hasText: 'Nothing is decided' }).waitFor();
  assert.equal(asked.process.exitCode, null, 'still waits');

  await phone.refuse(key, false);
  await decide(page, 'Approve with passkey');
  assert.equal(await asked.ended, 0, asked.output);
  const { outcome, assurance } = printed(asked.output);
  assert.deepEqual([outcome, assurance], ['approved', 'elevated']);
  await phone.close();
});

test(
  'a synced passkey is refused for elevated: by harp before it is sent, by the phone in a sentence',
  options,
  async () => {
    const { phone, page } = await real.pairedByPasskey('synced', 'platform');
    const refused = real.ask('synced', '--action', 'Deploy', '--assurance', 'elevated');
    assert.equal(await refused.ended, USAGE, refused.output);
    assert.match(refused.output, /does not offer the assurance/);

    // One that asks all the same.
    const peer = await RawAgent.open(real.relay.url, 'peer');
    await page.goto(peer.link);
    await page.getByRole('button', { name: 'Pair', exact: true }).click();
    await confirmed(page, peer);
    const { answer } = await peer.ask({ action: 'Deploy at once', assurance: 'elevated', severity: 'critical' });
    await openCard(page, 'Deploy at once');
    await page.getByText('This asks for a passkey that cannot leave its device, and yours is synced').waitFor();
    assert.equal(await page.getByRole('button', { name: /Approve/ }).count(), 0);
    await decide(page, 'Deny');
    const judged = await answer();
    assert.equal(judged.answer.decision, 'denied');
    await phone.close();
  },
);

test('a pairing without a passkey can only deny what asks for one', options, async () => {
  const { phone, page } = await real.phone();
  const peer = await RawAgent.open(real.relay.url, 'peer');
  await joinByTap(page, peer.link);
  await confirmed(page, peer);
  const { answer } = await peer.ask({ action: 'Pay', assurance: 'biometric' });
  await openCard(page, 'Pay');
  await page.getByText('This asks for a passkey, and the pairing has none').waitFor();
  assert.equal(await page.getByRole('button', { name: /Approve/ }).count(), 0);
  await decide(page, 'Deny');
  assert.equal((await answer()).answer.decision, 'denied');
  await phone.close();
});

test('denied with a reason, which the agent gets', options, async () => {
  const { phone, page } = await real.paired('denied');
  const asked = real.ask('denied', '--json', '--action', 'Delete the backups');
  await openCard(page, 'Delete the backups');
  await page.getByLabel('Reason, if you deny (optional)').fill('Not before the audit. Ask – again – on Monday.');
  await decide(page, 'Deny with reason');
  assert.equal(await asked.ended, DENIED, asked.output);
  const { outcome, reason } = printed(asked.output);
  assert.deepEqual([outcome, reason], ['denied', 'Not before the audit. Ask – again – on Monday.']);
  await sent(page, 'Denied');
  await phone.close();
});

const FORM = {
  fields: [
    { name: 'note', type: 'text', label: 'A note', required: true },
    { name: 'count', type: 'number', label: 'How many', required: true },
    {
      name: 'region',
      type: 'select',
      label: 'Region',
      required: true,
      options: [
        { value: 'eu', label: 'Europe' },
        { value: 'us', label: 'America' },
      ],
    },
    {
      name: 'days',
      type: 'several',
      label: 'Days',
      required: false,
      options: [
        { value: 'mon', label: 'Monday' },
        { value: 'tue', label: 'Tuesday' },
        { value: 'wed', label: 'Wednesday' },
      ],
    },
  ],
};

test('a form with text, a number, one and several of a list; too long is told while typing', options, async () => {
  const { phone, page } = await real.paired('collector');
  const schema = await real.file('form.json', JSON.stringify(FORM));
  const asked = real.agent.harp(
    ...['collect', '--name', 'collector', '--json', '--action', 'Where to?', '--schema', schema],
  );
  await openCard(page, 'Where to?');
  const note = page.getByLabel('A note');
  await note.fill('ä'.repeat(7_000));
  await page.getByText(/^Too long by about \d+ characters/).waitFor();
  await page.getByLabel('How many').fill('a dozen');
  await decide(page, 'Send answer');
  await page.getByText('A number is asked').waitFor();
  await page.getByText('Choose one.').waitFor();
  assert.equal(asked.process.exitCode, null, 'nothing is sent');

  await note.fill('near the "sea" \\ ☂');
  await page.getByLabel('How many').fill('-12.50');
  await page.getByRole('radio', { name: 'Europe' }).check();
  await page.getByRole('checkbox', { name: 'Wednesday' }).check();
  await page.getByRole('checkbox', { name: 'Monday' }).check();
  await decide(page, 'Send answer');
  assert.equal(await asked.ended, 0, asked.output);
  const { outcome, values } = printed(asked.output);
  assert.equal(outcome, 'answered');
  assert.deepEqual(
    values?.map(({ name, value }) => [name, typeof value === 'string' ? value : [...value].sort()]),
    [
      ['note', 'near the "sea" \\ ☂'],
      ['count', '-12.50'],
      ['region', 'eu'],
      ['days', ['mon', 'wed']],
    ],
  );
  await sent(page, 'Answered');
  await phone.close();
});

test('an answer that is too long is not sent; one as long as the app says is', options, async () => {
  const { phone, page } = await real.paired('wordy');
  const asked = real.agent.harp(
    ...['collect', '--name', 'wordy', '--json', '--action', 'Tell me all', '--field', 'all=All of it'],
  );
  await openCard(page, 'Tell me all');
  const field = page.getByLabel('All of it');
  await field.fill('x'.repeat(13_000));
  const words = await page.getByText(/^Too long by about/).textContent();
  const excess = Number(/\d+/.exec(words ?? '')?.[0]);
  await decide(page, 'Send answer');
  await page.getByRole('alert').filter({ hasText: 'The answer is too long' }).waitFor();
  assert.equal(asked.process.exitCode, null, 'nothing is sent');
  await field.fill('x'.repeat(13_000 - excess));
  await page.getByText(/^Room for about \d more character/).waitFor();
  await decide(page, 'Send answer');
  assert.equal(await asked.ended, 0, asked.output);
  assert.equal(printed(asked.output).values?.[0]?.value, 'x'.repeat(13_000 - excess));
  await phone.close();
});

test('told something: harp does not wait, the phone marks it as seen', options, async () => {
  const { phone, page } = await real.paired('informer');
  const told = real.agent.harp(
    ...['inform', '--name', 'informer', '--action', 'The backup is done', '--description', 'It took 12 minutes.'],
  );
  assert.equal(await told.ended, 0, told.output);
  assert.match(told.output, /^sent$/m);
  await openCard(page, 'The backup is done');
  await page.getByText('It took 12 minutes.').waitFor();
  assert.equal(await page.getByRole('button', { name: /Approve|Deny/ }).count(), 0);
  await decide(page, 'Seen');
  await sent(page, 'Seen');
  await phone.close();
});

test('rules that the agent offers: none is chosen by itself, and the chosen one is what it gets', options, async () => {
  const { phone, page } = await real.phone();
  const peer = await RawAgent.open(real.relay.url, 'ruler');
  await joinByTap(page, peer.link);
  await confirmed(page, peer);
  const choices = [
    { id: 'project', rule: 'Bash(npm run migrate:*)' },
    { id: 'deny_all', rule: 'Deny' },
  ];
  const once = await peer.ask({ action: 'Migrate', choices });
  await openCard(page, 'Migrate');
  assert.ok(await page.getByRole('radio', { name: 'Nothing more: only this once' }).isChecked());
  await decide(page, 'Approve');
  assert.equal((await once.answer()).answer.choice, undefined);
  await sent(page, 'Approved');

  const always = await peer.ask({ action: 'Migrate again', choices });
  await press(page.getByRole('button', { name: 'Next request' }));
  await page.getByRole('heading', { name: 'Migrate again' }).waitFor();
  await page.getByRole('radio', { name: /Bash\(npm run migrate:\*\)/ }).check();
  await decide(page, 'Approve from now on');
  const { answer } = await always.answer();
  assert.deepEqual([answer.decision, answer.choice], ['approved', 'project']);
  await phone.close();
});

test('rules that harp offers: it prints which one was set', options, async () => {
  const { phone, page } = await real.paired('offering');
  const asked = real.ask(
    ...['offering', '--json', '--action', 'Deploy', '--rule', 'staging=Any deploy to staging', '--rule', 'all=Any'],
  );
  await openCard(page, 'Deploy');
  await page.getByRole('radio', { name: 'Also allow from now on: Any deploy to staging' }).check();
  await decide(page, 'Approve from now on');
  assert.equal(await asked.ended, 0, asked.output);
  const { outcome, choice } = printed(asked.output);
  assert.deepEqual([outcome, choice], ['approved', 'staging']);
  await phone.close();
});

/** The rest of a pairing with an agent of the test's own. */
async function confirmed(page: Page, peer: RawAgent): Promise<void> {
  const { digits, requestId } = await peer.hello();
  assert.equal(await digitsOn(page), digits);
  await press(page.getByRole('button', { name: 'Yes' }));
  await peer.complete(requestId);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('heading', { name: 'Requests' }).waitFor();
}
