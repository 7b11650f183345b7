import { type Decision, judgeTimes, openQuestion, type ReceivedQuestion } from '../messages/index.js';
import type { Item } from '../relay/index.js';
import type { Card, CardStatus } from './approver.js';
import { type AgentState, cardIdOf } from './records.js';

/** A question that opened, and what has become of it. `sending` covers `queued`, which is a matter of display. */
export interface CardEntry {
  readonly id: string;
  readonly agentId: string;
  readonly relay: string;
  readonly item: Item;
  readonly received: ReceivedQuestion;
  readonly status: CardStatus;
  readonly decision?: Decision;
  readonly problem?: NonNullable<Card['problem']>;
  readonly endedAt?: number;
}

const ENDED_KEPT = 20;

export function isOpen(entry: CardEntry): boolean {
  return entry.status === 'open';
}

export function hasEnded(entry: CardEntry): boolean {
  return entry.status !== 'open' && entry.status !== 'sending' && entry.status !== 'queued';
}

/** The questions of this session. Times are passed in, and nothing is stored. */
export class Cards {
  private readonly entries = new Map<string, CardEntry>();
  /** By relay, while it tells everything anew: what it has told so far. */
  private readonly told = new Map<string, Set<string>>();

  all(): readonly CardEntry[] {
    return [...this.entries.values()];
  }

  get(id: string): CardEntry | undefined {
    return this.entries.get(id);
  }

  /**
   * Opens an item of the agent's. The entry is not among the cards yet: a decision on it may be stored. Nothing, if it
   * is no question of this agent's, is here already, or may not be shown any more.
   */
  open(agent: AgentState, item: Item, now: number): CardEntry | undefined {
    const id = cardIdOf(agent.id, item.requestId);
    const { relay } = agent.record;
    if (item.envelope === undefined) {
      return undefined;
    }
    if (this.entries.has(id)) {
      this.told.get(relay)?.add(id);
      return undefined;
    }
    const opened = openQuestion(agent.pairing, item.requestId, item.envelope);
    if (!opened.ok) {
      return undefined;
    }
    this.told.get(relay)?.add(id);
    const received = opened.value;
    // One whose time is to come is kept: the own clock may be corrected, or reach it.
    const times = judgeTimes(now, received.issuedAt, received.expiresAt);
    const shown = times === undefined || times === 'issued_in_future';
    return shown ? { id, agentId: agent.id, relay, item, received, status: 'open' } : undefined;
  }

  add(entry: CardEntry): void {
    if (!this.entries.has(entry.id)) {
      this.entries.set(entry.id, entry);
    }
  }

  change(id: string, now: number, change: Partial<Pick<CardEntry, 'status' | 'decision' | 'problem'>>): void {
    const entry = this.entries.get(id);
    if (entry === undefined) {
      return;
    }
    const { problem: _, ...rest } = entry;
    const changed = { ...rest, ...change };
    this.entries.set(id, hasEnded(changed) && changed.endedAt === undefined ? { ...changed, endedAt: now } : changed);
    this.bound();
  }

  /** The open card ends, if it is one; a decision that is on its way goes on. */
  end(id: string, status: 'withdrawn' | 'revoked', now: number): boolean {
    const entry = this.entries.get(id);
    if (entry === undefined || !isOpen(entry)) {
      return false;
    }
    this.change(id, now, { status });
    return true;
  }

  /** @returns whether anything changed */
  expire(now: number): boolean {
    const due = this.all().filter((entry) => isOpen(entry) && now >= entry.received.expiresAt);
    for (const entry of due) {
      this.change(entry.id, now, { status: 'expired' });
    }
    return due.length > 0;
  }

  /** When the clock changes something next. */
  next(now: number): number | undefined {
    const times = this.all()
      .filter(isOpen)
      .flatMap(({ received }) => [received.expiresAt, received.issuedAt - 120])
      .filter((time) => time > now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  reset(relay: string): void {
    this.told.set(relay, new Set());
  }

  /** The relay has told everything: what it has not told since the reset is not open any more. */
  current(relay: string, now: number): void {
    const told = this.told.get(relay);
    this.told.delete(relay);
    for (const entry of this.all()) {
      if (told !== undefined && entry.relay === relay && !told.has(entry.id)) {
        this.end(entry.id, 'withdrawn', now);
      }
    }
  }

  dismiss(id: string): void {
    const entry = this.entries.get(id);
    if (entry !== undefined && hasEnded(entry)) {
      this.entries.delete(id);
    }
  }

  removeAgent(agentId: string): void {
    for (const entry of this.all()) {
      if (entry.agentId === agentId) {
        this.entries.delete(entry.id);
      }
    }
  }

  private bound(): void {
    const ended = this.all().filter(hasEnded);
    ended.sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    for (const entry of ended.slice(0, Math.max(ended.length - ENDED_KEPT, 0))) {
      this.entries.delete(entry.id);
    }
  }
}
