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

/** Sends what is decided, in the tab that leads, until the relay has taken or refused it. */
export class Outbox {
  private readonly hub: Hub;
  private readonly relays: Relays;
  private readonly agents: Agents;
  private readonly settled: (row: DecisionRow) => Promise<void>;
  private running: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;

  /** @param settled called when a decision has ended, with its status */
  constructor(hub: Hub, relays: Relays, agents: Agents, settled: (row: DecisionRow) => Promise<void>) {
    this.hub = hub;
    this.relays = relays;
    this.agents = agents;
    this.settled = settled;
  }

  /** Tries to send what is not sent yet. To be called when there is something, and when the relay can be reached. */
  kick(): void {
    if (this.hub.leading) {
      clearTimeout(this.timer);
      this.running = this.running.then(() => this.send());
      this.hub.background(this.running);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async send(): Promise<void> {
    let pause: number | undefined;
    for (const row of await this.hub.store.unsent()) {
      const agent = this.hub.state.agents.get(row.agentId);
      const device = agent === undefined ? undefined : this.hub.state.devices.get(agent.record.relay);
      if (agent?.record.ended === true) {
        await this.settled({ ...row, unsent: false, value: { ...row.value, status: 'revoked' } });
      }
      if (agent === undefined || agent.record.ended || device === undefined) {
        continue;
      }
      const answer = await this.relays.client(agent.record.relay).respond(device, row.requestId, row.value.response);
      const status = answer.ok ? 'sent' : await this.statusAfter(answer.failure, agent, row);
      if (status === undefined) {
        const asked = !answer.ok && answer.failure.kind === 'problem' ? (answer.failure.retryAfter ?? 0) * 1_000 : 0;
        pause = Math.max(pause ?? 0, asked, Math.min(SHORTEST * 2 ** this.failures, LONGEST));
      } else {
        await this.settled({ ...row, unsent: false, value: { ...row.value, status } });
      }
    }
    this.failures = pause === undefined ? 0 : this.failures + 1;
    if (pause !== undefined && this.hub.leading) {
      this.timer = setTimeout(() => this.kick(), pause * (1 + Math.random() / 2));
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
