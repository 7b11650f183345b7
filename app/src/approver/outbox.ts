import type { DecisionRow } from '../keys/store.js';
import type { Failure } from '../relay/index.js';
import type { Agents } from './agents.js';
import type { CardStatus } from './approver.js';
import type { Hub } from './hub.js';
import { type AgentState, cardIdOf } from './records.js';
import type { Relays } from './relays.js';

/** Milliseconds. */
const SHORTEST = 1_000;
const LONGEST = 60_000;

/** What is on its way to one relay: one answer after the other. */
interface Lane {
  running: Promise<void>;
  failures: number;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * Sends what is decided, in the tab that leads, until the relay has taken or refused it. Each relay has a lane of its
 * own: one that does not answer holds back nothing of another.
 */
export class Outbox {
  private readonly hub: Hub;
  private readonly relays: Relays;
  private readonly agents: Agents;
  private readonly settled: (row: DecisionRow) => Promise<void>;
  private readonly lanes = new Map<string, Lane>();

  /** @param settled called when a decision has ended, with its status */
  constructor(hub: Hub, relays: Relays, agents: Agents, settled: (row: DecisionRow) => Promise<void>) {
    this.hub = hub;
    this.relays = relays;
    this.agents = agents;
    this.settled = settled;
  }

  /** Tries to send what is not sent yet. To be called when there is something, and when a relay can be reached. */
  kick(): void {
    if (this.hub.leading) {
      for (const relay of new Set([...this.hub.state.agents.values()].map(({ record }) => record.relay))) {
        this.kickLane(relay);
      }
    }
  }

  stop(): void {
    for (const { timer } of this.lanes.values()) {
      clearTimeout(timer);
    }
  }

  private kickLane(relay: string): void {
    const lane: Lane = this.lanes.get(relay) ?? { running: Promise.resolve(), failures: 0 };
    this.lanes.set(relay, lane);
    clearTimeout(lane.timer);
    const next = lane.running.then(() => this.send(relay, lane));
    this.hub.background(next);
    // A failure of the storage ends this try and not those that follow.
    lane.running = next.catch(() => undefined);
  }

  private async send(relay: string, lane: Lane): Promise<void> {
    let pause: number | undefined;
    for (const row of await this.hub.store.unsent()) {
      const agent = this.hub.state.agents.get(row.agentId);
      if (agent?.record.relay !== relay) {
        continue;
      }
      const device = this.hub.state.devices.get(relay);
      if (agent.record.ended) {
        await this.settled({ ...row, unsent: false, value: { ...row.value, status: 'revoked' } });
      }
      if (agent.record.ended || device === undefined) {
        continue;
      }
      const answer = await this.relays.client(relay).respond(device, row.requestId, row.value.response);
      const status = answer.ok ? 'sent' : await this.statusAfter(answer.failure, agent, row);
      if (status === undefined) {
        const asked = !answer.ok && answer.failure.kind === 'problem' ? (answer.failure.retryAfter ?? 0) * 1_000 : 0;
        pause = Math.max(pause ?? 0, asked, Math.min(SHORTEST * 2 ** lane.failures, LONGEST));
      } else {
        await this.settled({ ...row, unsent: false, value: { ...row.value, status } });
      }
    }
    lane.failures = pause === undefined ? 0 : lane.failures + 1;
    if (pause !== undefined && this.hub.leading) {
      lane.timer = setTimeout(() => this.kickLane(relay), pause * (1 + Math.random() / 2));
    }
  }

  /** What the refusal says of the decision; nothing if it has to be sent again. */
  private async statusAfter(failure: Failure, agent: AgentState, row: DecisionRow): Promise<CardStatus | undefined> {
    if (failure.kind !== 'problem' || failure.retryAfter !== undefined) {
      return undefined;
    }
    switch (failure.code) {
      case 'already_responded':
        return 'elsewhere';
      case 'request_expired':
        return 'late';
    }
    if (failure.status !== 401 && failure.code !== 'request_cancelled') {
      return 'refused';
    }
    // Either the request is gone, or the pairing, or the device: the binding call tells.
    const standing = await this.agents.check(agent);
    if (standing === 'unknown') {
      return undefined;
    }
    if (standing === 'ended') {
      return 'revoked';
    }
    if (failure.status !== 401) {
      return 'withdrawn';
    }
    // The relay has forgotten the request. A confirmation it may have had before that.
    return row.value.decision !== 'paired' && this.hub.now() >= row.expiresAt ? 'late' : 'refused';
  }
}

export function rowId(row: DecisionRow): string {
  return cardIdOf(row.agentId, row.requestId);
}
