import assert from 'node:assert/strict';
import { launch, Phone } from './phone.js';
import { Agent } from './programs.js';
import { decide, digitsOn, joinByTap, openCard, press } from './real.js';

/**
 * The first approval by a relay that runs already, with the app that it serves, step by step with the seconds since the
 * start: `npm run walk -- http://localhost:8787`. It leaves one pairing on that relay, which it revokes at the end.
 */

const [relay] = process.argv.slice(2);
if (relay === undefined || !URL.canParse(relay)) {
  console.error(`usage: npm run walk -- URL, the address of a relay; given: ${relay ?? 'nothing'}`);
  process.exit(2);
}
const url = relay.replace(/\/$/, '');

const start = performance.now();

function done(step: string): void {
  console.log(`${((performance.now() - start) / 1_000).toFixed(1).padStart(6)} s  ${step}`);
}

const agent = await Agent.create();
const browser = await launch();
try {
  const phone = await Phone.start(browser, `${url}/app/`);
  const page = await phone.open();
  await page.getByRole('heading', { name: 'Nothing paired yet' }).waitFor();
  done('the page is open');

  const { program, link } = await agent.pair('demo', url);
  done('harp pair shows its link');
  await joinByTap(page, link);
  const digits = await digitsOn(page);
  done('the link is open on the phone, Pair is pressed, six digits are there');
  program.type(digits);
  await program.find(/Now confirm on the phone/);
  await press(page.getByRole('button', { name: 'Yes' }));
  assert.equal(await program.ended, 0, program.output);
  done('the digits are typed at the agent, and the phone has confirmed');
  await page.getByRole('button', { name: 'Done' }).click();

  const asking = agent.harp('request', '--name', 'demo', '--action', 'Deploy 2.1');
  await page.getByRole('link', { name: 'Deploy 2.1' }).waitFor();
  done('harp request has asked, the card is there');
  await openCard(page, 'Deploy 2.1');
  await decide(page, 'Approve');
  assert.equal(await asking.ended, 0, asking.output);
  assert.match(asking.output, /^approved$/m);
  done('approved, and harp request has ended with 0');

  assert.equal(await agent.harp('revoke', '--name', 'demo').ended, 0);
  assert.deepEqual(phone.troubles, []);
} finally {
  await browser.close();
  await agent.remove();
}
