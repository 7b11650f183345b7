import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readHalfBlocks, writeFilm } from './film.js';
import { RawAgent } from './raw-agent.js';
import { decide, digitsOn, joinByTap, offer, openCard, press, Real, skip } from './real.js';

/** Pairing, as a person does it on the page that the relay serves, with the real `harp` or with one that cheats. */

const options = { skip, timeout: 120_000 };
/** Exit codes of `harp`. */
const FAILED = 1;
const ENDED = 12;

let real: Real;

before(async () => {
  if (skip === false) {
    real = await Real.start();
  }
});

after(() => real?.stop());

test('by the code that harp draws on a terminal, before the camera', options, async () => {
  const { phone, page } = await real.phone();
  const program = real.agent.harpOnTerminal('pair', '--name', 'seen', '--relay', real.relay.url);
  await program.find(/Waiting for the phone/);
  const code = readHalfBlocks(program.output);
  assert.ok(code !== undefined && code.length <= 60, `a code of ${code?.length} modules with its quiet zone`);
  await writeFilm(real.film, code);

  await page.getByRole('heading', { name: 'Nothing paired yet' }).waitFor();
  await page.getByRole('link', { name: 'Scan the code' }).click();
  await page.getByRole('heading', { name: 'Pair by this relay?' }).waitFor();
  await page.getByText(real.relay.url, { exact: true }).waitFor();
  await page.getByRole('checkbox', { name: 'Approve with a passkey' }).uncheck();
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  program.type(await digitsOn(page));
  await program.find(/Now confirm on the phone/);
  await press(page.getByRole('button', { name: 'Yes' }));
  assert.equal(await program.ended, 0, program.output);
  await page.getByRole('heading', { name: 'Paired with seen' }).waitFor();

  const asked = real.ask('seen', '--action', 'Deploy');
  await page.getByRole('button', { name: 'Done' }).click();
  await openCard(page, 'Deploy');
  await decide(page, 'Approve');
  assert.equal(await asked.ended, 0, asked.output);
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});

test('by a link, whose secret leaves the address, and which binds nothing until Pair is pressed', options, async () => {
  const { phone, page } = await real.phone();
  const { program, link } = await real.agent.pair('linked', real.relay.url);
  await offer(page, link);
  const secret = link.slice(link.indexOf('#') + 1);
  assert.ok(!page.url().includes(secret), page.url());
  assert.doesNotMatch(program.output, /A phone has joined/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('heading', { name: 'Nothing paired yet' }).waitFor();
  assert.doesNotMatch(program.output, /A phone has joined/);

  // The same link again: the first time nothing was bound.
  await joinByTap(page, link);
  await program.find(/A phone has joined/);
  program.type(await digitsOn(page));
  await program.find(/Now confirm on the phone/);
  await press(page.getByRole('button', { name: 'Yes' }));
  assert.equal(await program.ended, 0, program.output);
  await page.getByRole('heading', { name: 'Paired with linked' }).waitFor();
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});

test('by a pasted link', options, async () => {
  const { phone, page } = await real.phone();
  const { program, link } = await real.agent.pair('pasted', real.relay.url);
  await page.getByRole('link', { name: 'Paste a link' }).click();
  await page.getByLabel('Link that harp pair shows').fill(`  ${link}\n`);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'Pair by this relay?' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('link', { name: 'Paste a link' }).click();
  await page.getByLabel('Link that harp pair shows').fill(link.slice(0, -20));
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('alert').filter({ hasText: 'This link is damaged or cut' }).waitFor();
  await program.stop();
  await phone.close();
});

test('attack: digits that are wrong three times end the pairing, and the phone is told', options, async () => {
  const { phone, page } = await real.phone();
  const { program, link } = await real.agent.pair('swapped', real.relay.url);
  await joinByTap(page, link);
  const digits = await digitsOn(page);
  // Those of somebody in between would be others.
  const wrong = digits.replace(/./g, (digit) => String((Number(digit) + 1) % 10));
  for (const times of [1, 2]) {
    program.type(wrong);
    await program.find(new RegExp(`(Those are not the phone's digits[^]*){${times}}`));
  }
  program.type(wrong);
  assert.equal(await program.ended, FAILED, program.output);
  assert.match(program.output, /wrong three times, or came too late; the pairing is revoked/);
  await page.getByRole('alert').filter({ hasText: 'The agent ended the pairing' }).waitFor();
  await page.getByRole('heading', { name: 'Not paired' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Yes' }).count(), 0);
  await page.getByRole('button', { name: 'Start again' }).click();
  await page.getByRole('heading', { name: 'Nothing paired yet' }).waitFor();
  const asked = real.ask('swapped', '--action', 'Anything');
  assert.notEqual(await asked.ended, 0);
  await phone.close();
});

test('attack: a hello that the code has not promised shows no digits, and ends the pairing', options, async () => {
  const { phone, page } = await real.phone();
  const cheat = await RawAgent.open(real.relay.url, 'a cheat');
  await page.evaluate(() => {
    const shown: string[] = [];
    Object.assign(window, { shown });
    new MutationObserver(() => {
      shown.push(...Array.from(document.querySelectorAll('.digits'), ({ textContent }) => textContent ?? ''));
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await page.evaluate((hash) => {
    location.hash = hash;
  }, new URL(cheat.link).hash);
  await page.getByRole('checkbox', { name: 'Approve with a passkey' }).uncheck();
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await cheat.swappedHello();
  await page.getByRole('alert').filter({ hasText: 'The answer was not the one that the code promised' }).waitFor();
  assert.deepEqual(await page.evaluate(() => (window as unknown as { shown: string[] }).shown), []);
  await cheat.revoked();
  await page.getByRole('button', { name: 'Start again' }).click();
  await page.getByRole('heading', { name: 'Nothing paired yet' }).waitFor();
  await phone.close();
});

test('a name that resembles a known one is changed before the digits are shown', options, async () => {
  const { phone, page } = await real.paired('deploy-bot');
  const { program, link } = await real.agent.pair('dep1oy-b0t', real.relay.url);
  await joinByTap(page, link);
  await page.getByText('This name looks like deploy-bot, which you already know').waitFor();
  assert.equal(await page.getByRole('img', { name: 'Six digits' }).count(), 0);
  const yes = page.getByRole('button', { name: 'Yes' });
  assert.equal(await yes.getAttribute('aria-disabled'), 'true');
  await page.getByLabel('Your name for it').fill('deploy–bot');
  await page.getByRole('button', { name: 'Use this name' }).click();
  await page.getByText('This name looks like deploy-bot').waitFor();
  assert.equal(await page.getByRole('img', { name: 'Six digits' }).count(), 0, 'still like the known one');
  await page.getByLabel('Your name for it').fill('the second bot');
  await page.getByRole('button', { name: 'Use this name' }).click();
  program.type(await digitsOn(page));
  await program.find(/Now confirm on the phone/);
  await press(yes);
  assert.equal(await program.ended, 0, program.output);
  await page.getByRole('heading', { name: 'Paired with the second bot' }).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();

  const asked = real.ask('dep1oy-b0t', '--action', 'Who asks?');
  await openCard(page, 'Who asks?');
  await page.locator('.asker').filter({ hasText: 'the second bot' }).waitFor();
  await decide(page, 'Approve');
  assert.equal(await asked.ended, 0, asked.output);
  await phone.close();
});

test('"No, remove" takes back what was joined, and the agent is told', options, async () => {
  const { phone, page } = await real.phone();
  const { program, link } = await real.agent.pair('unwanted', real.relay.url);
  await joinByTap(page, link);
  program.type(await digitsOn(page));
  await program.find(/Now confirm on the phone/);
  await press(page.getByRole('button', { name: 'No, remove' }));
  await page.getByRole('heading', { name: 'Nothing paired yet' }).waitFor();
  assert.notEqual(await program.ended, 0);
  assert.match(program.output, /revoked/);
  await page.getByRole('link', { name: 'Paste a link' }).click();
  await page.getByLabel('Link that harp pair shows').fill(link);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('checkbox', { name: 'Approve with a passkey' }).uncheck();
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await page.getByRole('heading', { name: 'Not paired' }).waitFor();
  await phone.close();
});

test('a reload between joining and confirming goes on where it was', options, async () => {
  const { phone, page } = await real.phone();
  const { program, link } = await real.agent.pair('reloaded', real.relay.url);
  await joinByTap(page, link);
  const digits = await digitsOn(page);
  await page.reload();
  assert.equal(await digitsOn(page), digits);
  program.type(digits);
  await program.find(/Now confirm on the phone/);
  await page.reload();
  assert.equal(await digitsOn(page), digits);
  await press(page.getByRole('button', { name: 'Yes' }));
  assert.equal(await program.ended, 0, program.output);
  await page.getByRole('heading', { name: 'Paired with reloaded' }).waitFor();
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});

test('the agent that gives up while the phone waits ends the pairing there', options, async () => {
  const { phone, page } = await real.phone();
  const { program, link } = await real.agent.pair('given-up', real.relay.url);
  await joinByTap(page, link);
  await digitsOn(page);
  program.process.kill('SIGTERM');
  assert.equal(await program.ended, ENDED, program.output);
  await page.getByRole('alert').filter({ hasText: 'The agent ended the pairing' }).waitFor();
  await phone.close();
});
