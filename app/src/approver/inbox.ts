import type { DecisionRow } from '../keys/store.js';
import { equal } from '../messages/bytes.js';
import type { FeedEvent, Item } from '../relay/index.js';
import type { Agents } from './agents.js';
import { type CardEntry, type Cards, isOpen } from './cards.js';
import type { Deciding } from './deciding.js';
import type { Hub } from './hub.js';
import type { Joining } from './joining.js';
import type { Outbox } from './outbox.js';
import { type AgentState, cardIdOf, markWrites } from './records.js';

/** What relays tell, in the tab that leads, and what that tab passes on to the others: one step after the other. */
export class Inbox {
  private readonly hub: Hub;
  private readonly cards: Cards;
  private readonly agents: Agents;
  private readonly joining: Joining;
  private readonly deciding: Deciding;
  private readonly outbox: Outbox;
  private readonly sentAgain = new Set<string>();
  private work: Promise<void> = Promise.resolve();
  private reading = false;

  constructor(hub: Hub, cards: Cards, agents: Agents, joining: Joining, deciding: Deciding, outbox: Outbox) {
    this.hub = hub;
    this.cards = cards;
    this.agents = agents;
    this.joining = joining;
    this.deciding = deciding;
    this.outbox = outbox;
  }

  /** Does the step after all that came before it. Resolves when it is done, or has failed. */
  enqueue(step: () => Promise<void>): Promise<void> {
    const done = this.work.then(step);
    this.hub.background(done);
    this.work = done.catch(() => undefined);
    return this.work;
  }

  /** Another tab has stored something. It is read once, however often that is told until then. */
  stored(): void {
    if (!this.reading) {
      this.reading = true;
      this.enqueue(async () => {
        this.reading = false;
        await this.hub.reload();
      });
    }
  }

  /** Resolves when the event is dealt with. */
  feed(relay: string, event: FeedEvent): Promise<void> {
    return this.enqueue(async () => {
      if (event.kind === 'item') {
        await this.item(relay, event.item);
      } else if (event.kind === 'reset') {
        this.cards.reset(relay);
      } else {
        this.cards.current(relay, this.hub.now());
        this.outbox.kick();
        this.agents.tellRelays();
      }
      this.hub.changed();
    });
  }

  private async item(relay: string, item: Item): Promise<void> {
    const agent = this.agents.find(relay, item.pairId);
    if (agent === undefined || agent.record.ended) {
      this.joining.item(relay, item);
      return;
    }
    if (item.envelope === undefined) {
      this.withdrawn(agent, item);
      return;
    }
    const now = this.hub.now();
    const entry = this.cards.open(agent, item, now);
    if (entry === undefined) {
      return;
    }
    if (agent.record.unconfirmed !== undefined) {
      await this.joining.confirmed(agent);
    }
    const noted = await this.observe(agent, entry, now);
    const row = await this.hub.store.decision(agent.id, item.requestId);
    if (row === undefined) {
      this.cards.add(noted ? entry : { ...entry, problem: 'not_noted' });
    } else if (equal(row.digest, entry.received.digest)) {
      await this.decidedBefore(row, entry);
    }
  }

  /** The relay has it as open, and there is a decision: that one is on its way, or has been lost on it. */
  private async decidedBefore(row: DecisionRow, entry: CardEntry): Promise<void> {
    const id = entry.id;
    if (!row.unsent) {
      if (this.sentAgain.has(id) || !this.hub.leading) {
        return;
      }
      this.sentAgain.add(id);
      row = { ...row, unsent: true, value: { ...row.value, status: 'sending' } };
      await this.hub.settle(row);
      this.outbox.kick();
    }
    this.cards.add(entry);
    this.deciding.follow(row);
  }

  /** Moves M on. If that cannot be stored, the question is shown all the same, and a decision on it moves M on. */
  private async observe(agent: AgentState, entry: CardEntry, now: number): Promise<boolean> {
    try {
      const writes = markWrites(this.hub.state, agent.id, entry.received, now);
      if (writes.length > 0) {
        await this.hub.write(...writes);
      }
      return true;
    } catch {
      return false;
    }
  }

  private withdrawn(agent: AgentState, item: Item): void {
    const id = cardIdOf(agent.id, item.requestId);
    const entry = this.cards.get(id);
    // The tab that leads finds out why, and tells the others.
    if (entry === undefined || !isOpen(entry) || !this.hub.leading) {
      return;
    }
    // A revocation withdraws what is open, and tells nothing else. No other step waits for this relay.
    const asked = this.agents.check(agent).then((standing) => {
      this.end(id, standing === 'ended' ? 'revoked' : 'withdrawn');
      this.hub.changed();
    });
    this.hub.background(asked);
  }

  /** Ends the card if it is open, in the other tabs too. */
  end(cardId: string, status: 'withdrawn' | 'revoked'): void {
    if (this.cards.end(cardId, status, this.hub.now())) {
      this.hub.env.tabs.post({ kind: 'ended', cardId, status });
    }
  }

  /** The tab that leads has ended the card, after all that it had told before. */
  endedElsewhere(cardId: string, status: 'withdrawn' | 'revoked'): void {
    this.enqueue(async () => {
      this.cards.end(cardId, status, this.hub.now());
      this.hub.changed();
    });
  }

  /** Another tab has stored or settled a decision. */
  async decidedElsewhere(agentId: string, requestId: string): Promise<void> {
    const row = await this.hub.store.decision(agentId, requestId);
    if (row !== undefined) {
      this.deciding.follow(row);
      this.hub.changed();
      this.outbox.kick();
    }
  }

  /** Tells a tab that has begun what is open. */
  tellAll(): void {
    for (const entry of this.cards.all()) {
      this.hub.env.tabs.post({ kind: 'feed', relay: entry.relay, event: { kind: 'item', item: entry.item } });
    }
    this.joining.tellHello();
  }
}
