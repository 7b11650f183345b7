import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import type { Core } from '../src/approver/core.js';
import { seal } from '../src/messages/crypto.js';
import {
  answerTo,
  Browser,
  FakeAgent,
  json,
  openCard,
  problem,
  random,
  requestId,
  settle,
  stopAll,
  when,
} from './world.js';

/** The rules with a clock that the test sets, against a relay that lies where the test says so. */

let browser: Browser;
let core: Core;

beforeEach(async () => {
  browser = new Browser();
  core = await browser.open();
});

after(stopAll);

describe('cards', () => {
  test('a relay that replays a decided question gets the same answer, and no card', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    const asked = agent.ask();
    browser.relay.tell(asked.item);
    await core.decide((await openCard(core)).id, { decision: 'denied' });
    await when(core, ({ cards }) => cards[0]?.status === 'sent');
    const later = await browser.open();
    browser.relay.tell(asked.item);
    browser.relay.cut();
    await settle();
    assert.ok(core.snapshot.cards.every(({ status }) => status === 'sent'));
    assert.ok(later.snapshot.cards.every(({ status }) => status !== 'open'));
    const bodies = browser.relay.called('PUT', `${asked.question.request_id}/response`);
    assert.equal(new Set(bodies).size, 1);
    assert.equal(answerTo(browser, asked), 'denied');
  });

  test('another question under a decided id is not shown, nor under an open one', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    const first = agent.ask();
    const { request_id } = first.question;
    browser.relay.tell(first.item, false);
    const card = await openCard(core);
    const other = agent.ask({ request_id, action: 'Delete everything' });
    browser.relay.tell(other.item, false);
    await settle();
    assert.deepEqual(core.snapshot.cards[0]?.received.digest, card.received.digest);
    await core.decide(card.id, { decision: 'approved' });
    await when(core, ({ cards }) => cards[0]?.status === 'sent');
    core.dismiss(card.id);
    browser.relay.tell(other.item, false);
    await settle();
    assert.deepEqual(core.snapshot.cards, []);
  });

  test('a question that is over is never shown, and one of tomorrow not yet', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    browser.relay.tell(agent.ask({ issued_at: browser.now - 400, expires_at: browser.now - 1 }).item);
    browser.relay.tell(agent.ask({ issued_at: browser.now + 500, expires_at: browser.now + 800 }).item);
    await settle();
    assert.deepEqual(core.snapshot.cards, []);
    browser.now += 400;
    core.wake(false);
    await openCard(core);
  });

  test('a clock that was set back lets one deny only', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    browser.relay.tell(agent.ask().item, false);
    await openCard(core);
    const again = agent.ask({ issued_at: browser.now - 200 });
    browser.now -= 121;
    browser.relay.tell(again.item, false);
    const { cards } = await when(core, (now) => now.cards[0]?.hindrance === 'clock_behind');
    assert.equal(cards.length, 1, 'the other one is from the future now');
    assert.deepEqual(cards[0]?.decisions, ['denied']);
    const id = cards[0]?.id ?? '';
    await core.decide(id, { decision: 'approved' });
    assert.equal(core.snapshot.cards[0]?.problem, 'clock_behind');
    await core.decide(id, { decision: 'denied' });
    await when(core, (now) => now.cards[0]?.status === 'sent');
    assert.equal(answerTo(browser, again), 'denied');
  });

  test('what another pairing sealed, and noise, is not shown', async () => {
    const [agent, other] = [new FakeAgent(browser), new FakeAgent(browser)];
    await agent.pair(core);
    await other.pair(core);
    const asked = other.ask();
    browser.relay.tell({ ...asked.item, pair_id: agent.pairId });
    browser.relay.tell(agent.item(requestId(), seal(random(32), random(2_048), random)));
    await settle();
    assert.deepEqual(core.snapshot.cards, []);
  });

  test('a passkey that the pairing has not named leaves the denial', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    browser.relay.tell(agent.ask({ assurance: 'biometric' }).item);
    const card = await openCard(core);
    assert.deepEqual([card.hindrance, card.decisions, card.needsPasskey], ['passkey_missing', ['denied'], false]);
    await core.decide(card.id, { decision: 'approved' });
    assert.equal(browser.relay.called('PUT', `${card.received.requestId}/response`).length, 0);
  });

  test('the storage fails: nothing is sent, and the card stays open', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    const asked = agent.ask();
    browser.relay.tell(asked.item);
    const card = await openCard(core);
    browser.store.failing = true;
    await core.decide(card.id, { decision: 'approved' });
    assert.deepEqual([core.snapshot.cards[0]?.status, core.snapshot.cards[0]?.problem], ['open', 'storage_failed']);
    assert.equal(browser.relay.called('PUT', `${asked.question.request_id}/response`).length, 0);
    browser.store.failing = false;
    await core.decide(card.id, { decision: 'approved' });
    await when(core, ({ cards }) => cards[0]?.status === 'sent');
    assert.equal(core.snapshot.cards[0]?.problem, undefined);
  });

  test('the storage fails when a question comes: it is shown and says so, and a decision stores M', async () => {
    const agent = new FakeAgent(browser);
    const id = await agent.pair(core);
    const asked = agent.ask();
    browser.store.failing = true;
    browser.relay.tell(asked.item);
    const card = await openCard(core);
    assert.equal(card.problem, 'not_noted');
    browser.store.failing = false;
    assert.equal(await browser.store.read('marks', id), undefined);
    await core.decide(card.id, { decision: 'approved' });
    await when(core, ({ cards }) => cards[0]?.status === 'sent');
    const mark = await browser.store.read<{ readonly newestIssuedAt: number }>('marks', id);
    assert.equal(mark?.newestIssuedAt, asked.question.issued_at);
  });

  test('the storage fails when the answer is taken: it is sent again later, and settled', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    const asked = agent.ask();
    browser.relay.tell(asked.item);
    const card = await openCard(core);
    browser.relay.answers.set(`PUT ${asked.question.request_id}/response`, () => {
      browser.store.failing = true;
      return json({ state: 'responded' });
    });
    await core.decide(card.id, { decision: 'approved' });
    await settle();
    assert.equal(core.snapshot.cards[0]?.status, 'sending');
    browser.store.failing = false;
    browser.relay.answers.clear();
    core.wake(false);
    await when(core, ({ cards }) => cards[0]?.status === 'sent');
    assert.equal(answerTo(browser, asked), 'approved');
  });

  for (const [code, status, shown] of [
    ['already_responded', 409, 'elsewhere'],
    ['request_expired', 410, 'late'],
    ['request_cancelled', 410, 'withdrawn'],
    ['unauthorized', 401, 'refused'],
    ['invalid_request', 400, 'refused'],
  ] as const) {
    test(`${code}: the card says ${shown}`, async () => {
      const agent = new FakeAgent(browser);
      await agent.pair(core);
      browser.relay.tell(agent.ask().item);
      const card = await openCard(core);
      browser.relay.answers.set('PUT /response', problem(status, code));
      await core.decide(card.id, { decision: 'approved' });
      const { cards, past } = await when(core, (now) => now.cards[0]?.status === shown);
      assert.deepEqual([cards[0]?.decision, past[0]?.status], ['approved', shown]);
      assert.deepEqual(await browser.store.unsent(), []);
    });
  }

  test('cancelled because the pairing is revoked: the card and the agent say so', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    const following = await browser.open();
    const asked = agent.ask();
    browser.relay.tell(asked.item);
    await openCard(core);
    await openCard(following);
    browser.relay.answers.set('PUT /device', problem(410, 'pair_revoked'));
    browser.relay.tell({ request_id: asked.question.request_id, pair_id: agent.pairId, state: 'cancelled' });
    for (const tab of [core, following]) {
      const { agents } = await when(tab, ({ cards }) => cards[0] !== undefined && cards[0].status !== 'open');
      assert.deepEqual([tab.snapshot.cards[0]?.status, agents[0]?.state], ['revoked', 'ended']);
    }
  });

  test('an answer that the relay cannot take now is sent again', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    const asked = agent.ask();
    browser.relay.tell(asked.item);
    const card = await openCard(core);
    browser.relay.answers.set('PUT /response', problem(503, 'store_unavailable'));
    await core.decide(card.id, { decision: 'approved' });
    await when(core, ({ cards }) => cards[0]?.status === 'sending');
    browser.relay.answers.clear();
    await when(core, ({ cards }) => cards[0]?.status === 'sent');
    const bodies = browser.relay.called('PUT', `${asked.question.request_id}/response`);
    assert.ok(bodies.length > 1 && new Set(bodies).size === 1);
  });

  test('what a relay does not tell any more has ended', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    browser.relay.tell(agent.ask().item);
    await openCard(core);
    browser.relay.forgetItems();
    browser.relay.tell({}, false);
    const reset = () => {
      browser.relay.answers.clear();
      return new Response('event: reset\ndata: {}\n\nevent: current\nid: c9\ndata: {}\n\n', {
        headers: { 'Content-Type': 'text/event-stream' },
      });
    };
    browser.relay.answers.set('GET /events', reset);
    core.wake(true);
    await when(core, ({ cards }) => cards[0]?.status === 'withdrawn');
  });

  test('a paused agent shows nothing, and its cards come back', async () => {
    const agent = new FakeAgent(browser);
    const id = await agent.pair(core);
    await core.setPaused(id, true);
    browser.relay.tell(agent.ask().item);
    await settle();
    assert.deepEqual(core.snapshot.cards, []);
    await core.setPaused(id, false);
    await openCard(core);
  });

  test('a form tells how much room is left, and what has room can be sent', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    const field = { name: 'text', type: 'text', label: 'Text', required: true } as const;
    const asked = agent.ask({ intent: 'collect', schema: { fields: [field] } });
    browser.relay.tell(asked.item);
    const { id } = await openCard(core);
    const values = (length: number) => [{ name: 'text', value: '\u20ac'.repeat(length) }];
    const room = core.room(id, values(1));
    assert.ok(room > 6_000 && core.room(id, values(1 + Math.ceil(room / 3))) < 3);
    await core.decide(id, { decision: 'answered', values: values(3_200) });
    assert.equal(core.snapshot.cards[0]?.problem, 'too_long');
    assert.ok(core.room(id, values(3_200)) < 0);
    const fitting = values(1 + Math.floor(room / 3));
    assert.ok(core.room(id, fitting) >= 0);
    await core.decide(id, { decision: 'answered', values: fitting });
    await when(core, ({ cards }) => cards[0]?.status === 'sent');
    assert.equal(answerTo(browser, asked), 'answered');
  });

  test('the most severe comes first, then what expires first', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    const ask = (action: string, severity: 'low' | 'critical', seconds: number) =>
      browser.relay.tell(agent.ask({ action, severity, expires_at: browser.now + seconds }).item);
    ask('c', 'low', 100);
    ask('b', 'low', 50);
    ask('a', 'critical', 300);
    const { cards } = await when(core, (now) => now.cards.length === 3);
    assert.deepEqual(
      cards.map(({ received }) => received.understood && received.question.action),
      ['a', 'b', 'c'],
    );
  });
});

describe('what is kept', () => {
  test('fifty past decisions, each with what its receipt needs', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    for (let i = 0; i < 52; i++) {
      browser.now += 1;
      browser.relay.tell(agent.ask({ action: `No. ${i}` }).item, false);
      await core.decide((await openCard(core)).id, { decision: 'approved' });
    }
    assert.equal(core.snapshot.past.length, 50);
    assert.equal(core.snapshot.past[0]?.action, 'No. 51');
    assert.equal((await browser.store.readAll('pastBodies')).size, 50);
    assert.ok((await core.receipt(core.snapshot.past[0]?.id ?? ''))?.length);
  });

  test('a decision is forgotten 30 days after M has passed its end, and not by the clock', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    browser.relay.tell(agent.ask().item, false);
    await core.decide((await openCard(core)).id, { decision: 'approved' });
    assert.equal(browser.store.decisions.size, 2);
    browser.now += 40 * 86_400;
    await restarted();
    assert.equal(browser.store.decisions.size, 2);
    browser.relay.tell(agent.ask().item, false);
    await openCard(core);
    await restarted();
    assert.equal(browser.store.decisions.size, 0);
  });

  test('removing deletes the keys before the relay is told, and tells it later if it has to', async () => {
    const agent = new FakeAgent(browser);
    const id = await agent.pair(core);
    let kept: unknown = 'not asked';
    browser.relay.answers.set(`DELETE ${agent.pairId}`, () => {
      kept = browser.store.tables.get(`pairings/${id}`);
      return problem(503, 'store_unavailable')();
    });
    await core.remove(id);
    await settle();
    assert.equal(kept, undefined);
    assert.equal(core.snapshot.agents[0]?.state, 'removing');
    assert.ok(![...browser.store.tables.values()].some((text) => text.includes('questionKey')));
    browser.relay.answers.clear();
    core.wake(false);
    await when(core, ({ agents }) => agents.length === 0);
  });

  test('a relay that hangs holds up no removal at another', async () => {
    const [slow, other] = [new FakeAgent(browser), new FakeAgent(browser, 'other', 'https://other.example.org')];
    const [slowId, otherId] = [await slow.pair(core), await other.pair(core)];
    browser.relay.answers.set(`DELETE ${slow.pairId}`, () => new Promise(() => undefined));
    await core.remove(slowId);
    await core.remove(otherId);
    const { agents } = await when(core, (now) => now.agents.length === 1);
    assert.deepEqual([agents[0]?.id, agents[0]?.state], [slowId, 'removing']);
  });

  test('a page of something on the way ends no agent and refuses no answer', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    const asked = agent.ask();
    browser.relay.tell(asked.item);
    const card = await openCard(core);
    const portal = () => new Response('<html>Log in</html>', { status: 401 });
    for (const call of ['GET /events', 'PUT /device', 'PUT /response']) {
      browser.relay.answers.set(call, portal);
    }
    browser.relay.cut();
    core.wake(true);
    await core.decide(card.id, { decision: 'approved' });
    await when(core, ({ relays }) => relays[0]?.connection === 'nonsense');
    assert.deepEqual([core.snapshot.agents[0]?.state, core.snapshot.cards[0]?.status], ['active', 'queued']);
    browser.relay.answers.clear();
    core.wake(true);
    await when(core, ({ cards }) => cards[0]?.status === 'sent');
    assert.equal(answerTo(browser, asked), 'approved');
  });

  test('a relay that has lost its store ends its agents, and a new pairing registers anew', async () => {
    const agent = new FakeAgent(browser);
    await agent.pair(core);
    browser.relay.answers.set('GET /events', problem(401, 'unauthorized'));
    browser.relay.answers.set('PUT /device', problem(401, 'unauthorized'));
    browser.relay.cut();
    core.wake(true);
    await when(core, ({ agents }) => agents[0]?.state === 'ended');
    browser.relay.answers.clear();
    let refused = 0;
    browser.relay.answers.set('PUT /device', () => {
      browser.relay.answers.clear();
      refused++;
      return problem(401, 'unauthorized')();
    });
    await new FakeAgent(browser).pair(core);
    assert.equal(refused, 1);
    assert.equal(browser.relay.called('POST', '/devices').length, 2);
  });
});

/** The app anew, with what is stored. */
async function restarted(): Promise<void> {
  core.stop();
  const { store, relay, now } = browser;
  browser = Object.assign(new Browser(), { store, relay, now });
  core = await browser.open();
  await settle();
}
