import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import type { Core } from '../src/approver/core.js';
import { seal } from '../src/messages/crypto.js';
import { createHello, keysOfSecret } from '../src/messages/pairing.js';
import { Browser, FakeAgent, problem, random, requestId, settle, stopAll, when } from './world.js';

/** Pairing with an agent that the test plays, against a relay that lies where the test says so. */

let browser: Browser;
let core: Core;

beforeEach(async () => {
  browser = new Browser();
  core = await browser.open();
});

after(stopAll);

describe('pairing', () => {
  test('shows no code for a hello that the link has not promised, and revokes', async () => {
    const agent = new FakeAgent(browser);
    core.offer(agent.text);
    await core.join({ passkey: false });
    const other = createHello('agent', 'host', random(32));
    browser.relay.tell(agent.item(requestId(), seal(keysOfSecret(agent.link).hello, other.plaintext, random)));
    const { pairing } = await when(core, (now) => now.pairing?.step === 'refused');
    assert.deepEqual(pairing, { step: 'refused', reason: 'commitment' });
    await settle();
    assert.equal(browser.relay.called('DELETE', agent.pairId).length, 1);
    assert.equal(await browser.store.read('joins', 'join'), undefined);
  });

  test('ignores what is no hello of this pairing', async () => {
    const agent = new FakeAgent(browser);
    core.offer(agent.text);
    await core.join({ passkey: false });
    browser.relay.tell(agent.item(requestId(), seal(random(32), random(2_048), random)));
    browser.relay.tell(agent.item(requestId(), { nonce: 'x', ciphertext: '!' }));
    browser.relay.tell(new FakeAgent(browser).item(requestId(), seal(random(32), random(64), random)));
    await settle();
    assert.equal(core.snapshot.pairing?.step, 'waiting');
    await core.confirm();
    assert.equal(core.snapshot.pairing?.step, 'waiting', 'a tap before the digits has no effect');
  });

  test('shows the digits that the agent expects, and erases the secret with the confirmation', async () => {
    const agent = new FakeAgent(browser);
    core.offer(agent.text);
    await core.join({ passkey: false });
    browser.relay.tell(agent.hello());
    const { pairing } = await when(core, (now) => now.pairing?.step === 'digits');
    assert.equal(pairing?.step === 'digits' && pairing.digits, agent.checkCode);
    browser.relay.answers.set('PUT /response', problem(503, 'store_unavailable'));
    await core.confirm();
    assert.equal(await browser.store.read('joins', 'join'), undefined);
    assert.equal(core.snapshot.agents.length, 0, 'no agent until the relay has the confirmation');
    browser.relay.answers.clear();
    core.wake(false);
    await when(core, (now) => now.pairing?.step === 'paired');
  });

  test('a passkey that is not made joins nothing, and the offer stays', async () => {
    const agent = new FakeAgent(browser);
    core.offer(agent.text);
    await core.join({ passkey: true });
    assert.deepEqual(core.snapshot.pairing, { step: 'refused', reason: 'passkey_failed' });
    assert.equal(browser.relay.called('PUT', '/device').length, 0);
    core.endPairing();
    assert.equal(core.snapshot.pairing?.step, 'offered');
    await agent.pair(core);
  });

  test('an agent that gives up while the digits are shown', async () => {
    const agent = new FakeAgent(browser);
    core.offer(agent.text);
    await core.join({ passkey: false });
    const hello = agent.hello();
    browser.relay.tell(hello);
    await when(core, (now) => now.pairing?.step === 'digits');
    browser.relay.tell({ request_id: hello.request_id, pair_id: agent.pairId, state: 'cancelled' });
    const { pairing } = await when(core, (now) => now.pairing?.step === 'refused');
    assert.deepEqual(pairing, { step: 'refused', reason: 'pair_revoked' });
  });

  for (const [code, status] of Object.entries({ wrong_secret: 403, already_paired: 409, pairing_expired: 410 })) {
    test(`${code} is told, and nothing of the join is kept`, async () => {
      browser.relay.answers.set('PUT /device', problem(status, code));
      core.offer(new FakeAgent(browser).text);
      await core.join({ passkey: false });
      assert.deepEqual(core.snapshot.pairing, { step: 'refused', reason: code });
      assert.equal(await browser.store.read('joins', 'join'), undefined);
      core.endPairing();
      assert.equal(core.snapshot.pairing, undefined);
    });
  }

  test('a known link is refused, and a second pairing waits for the first', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    core.offer(agent.text);
    assert.deepEqual(core.snapshot.pairing, { step: 'refused', reason: 'known' });
    core.endPairing();
    core.offer(new FakeAgent(browser).text);
    await core.join({ passkey: false });
    core.offer(new FakeAgent(browser).text);
    assert.deepEqual(core.snapshot.pairing, { step: 'refused', reason: 'busy' });
    core.endPairing();
    assert.equal(core.snapshot.pairing?.step, 'waiting', 'the first goes on');
  });

  test('a join is dropped when its time is over, at the next start too', async () => {
    const agent = new FakeAgent(browser);
    core.offer(agent.text);
    await core.join({ passkey: false });
    browser.now += 601;
    core.wake(false);
    await when(core, (now) => now.pairing?.step === 'refused');
    await settle();
    assert.equal(await browser.store.read('joins', 'join'), undefined);
    assert.equal(browser.relay.called('DELETE', agent.pairId).length, 1);
  });

  test('a confirmation that comes too late ends the pairing', async () => {
    const agent = new FakeAgent(browser);
    core.offer(agent.text);
    await core.join({ passkey: false });
    browser.relay.tell(agent.hello());
    await when(core, (now) => now.pairing?.step === 'digits');
    browser.relay.answers.set('PUT /response', problem(410, 'request_expired'));
    await core.confirm();
    const { pairing, agents } = await when(core, (now) => now.pairing?.step === 'refused');
    assert.deepEqual(pairing, { step: 'refused', reason: 'pairing_expired' });
    assert.deepEqual(agents, []);
  });

  test('a confirmation whose hello is forgotten ends nothing, if the pairing stands', async () => {
    const agent = new FakeAgent(browser);
    core.offer(agent.text);
    await core.join({ passkey: false });
    browser.relay.tell(agent.hello());
    await when(core, (now) => now.pairing?.step === 'digits');
    browser.relay.answers.set('PUT /response', problem(401, 'unauthorized'));
    await core.confirm();
    await when(core, (now) => now.pairing?.step === 'paired');
  });
});
