import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Browser, type ElementHandle, launch, type Page } from 'puppeteer-core';
import { Agent, PROGRAMS_MISSING, Relay } from './programs.js';
import { GUARD, standsStill } from './real.js';

/** The main way once more in Firefox, by WebDriver BiDi, against the real relay and the real `harp`. */

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const skip = existsSync(FIREFOX) ? (PROGRAMS_MISSING ?? false) : `no Firefox at ${FIREFOX}; FIREFOX names another`;

const APPROVED = 0;
const DENIED = 10;

let relay: Relay;
let agent: Agent;
let browser: Browser;

before(async () => {
  if (skip === false) {
    agent = await Agent.create();
    relay = await Relay.start({ RATE_LIMIT_CLIENT: '0' });
    browser = await launch({ browser: 'firefox', executablePath: FIREFOX, timeout: 120_000 });
  }
});

after(async () => {
  await browser?.close();
  await relay?.stop();
  await agent?.remove();
});

test('Firefox: pairs by a pasted link, approves by a tap, denies with a reason', {
  skip,
  timeout: 180_000,
}, async () => {
  const troubles: string[] = [];
  const page = await open(troubles);
  const { program, link } = await agent.pair('builder', relay.url);
  await (await shown(page, 'link', 'Paste a link')).click();
  await (await shown(page, 'textbox', 'Link that harp pair shows')).type(link);
  await (await shown(page, 'button', 'Go on')).click();
  await shown(page, 'heading', 'Pair by this relay?');
  const passkey = await page.$('input[type=checkbox]:checked');
  await passkey?.click();
  await (await shown(page, 'button', 'Pair')).click();
  const digits = await page.waitForSelector('.digits');
  program.type(((await digits?.evaluate(({ ariaLabel }) => ariaLabel)) ?? '').replace(/\D/g, ''));
  await program.find(/Now confirm on the phone/);
  await press(await shown(page, 'button', 'Yes'));
  assert.equal(await program.ended, 0, program.output);
  await shown(page, 'heading', 'Paired with builder');
  await (await shown(page, 'button', 'Done')).click();

  const approved = agent.harp('request', '--name', 'builder', '--action', 'Deploy', '--assurance', 'tap');
  await openCard(page, 'Deploy');
  await press(await shown(page, 'button', 'Approve'));
  assert.equal(await approved.ended, APPROVED, approved.output);

  const denied = agent.harp('request', '--name', 'builder', '--action', 'Drop the table');
  await (await page.waitForSelector('.back a'))?.click();
  await openCard(page, 'Drop the table');
  await (await shown(page, 'textbox', 'Reason, if you deny (optional)')).type('Not on a Friday.');
  await press(await shown(page, 'button', 'Deny with reason'));
  assert.equal(await denied.ended, DENIED, denied.output);
  assert.match(denied.output, /Not on a Friday/);
  await page.close();
  assert.deepEqual(troubles, []);
});

/** The app in a tab. `troubles` gets its errors, exceptions and violations of the policy. */
async function open(troubles: string[]): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.setViewport({ width: 390, height: 844 });
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      console.error(`policy violated: ${violatedDirective} by ${blockedURI} ${sample}`);
    });
  });
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      troubles.push(message.text());
    }
  });
  await page.goto(relay.app);
  return page;
}

/** What has this role and name, when it is there. */
async function shown(page: Page, role: string, name: string): Promise<ElementHandle> {
  const found = await page.waitForSelector(`::-p-aria([name="${name}"][role="${role}"])`);
  assert.ok(found !== null, name);
  return found;
}

async function press(button: ElementHandle): Promise<void> {
  await button.evaluate(standsStill, GUARD);
  await button.click();
}

/** Opens the card with this action, and reads the question to its end. */
async function openCard(page: Page, action: string): Promise<void> {
  const card = await page.waitForSelector(`.card ::-p-text(${action})`);
  assert.ok(card !== null, action);
  await press(card);
  const end = await page.waitForSelector('.end-of-question');
  await end?.scrollIntoView();
  await page.waitForSelector('.bar .first:not([aria-disabled="true"])');
}
