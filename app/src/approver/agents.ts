import type { Write } from '../keys/store.js';
import { isName } from '../messages/forms.js';
import type { Hub } from './hub.js';
import { type AgentState, type PairingRecord, removalKey } from './records.js';
import type { Relays } from './relays.js';

/** `unknown`: the relay cannot be asked now. */
export type Standing = 'stands' | 'ended' | 'unknown';

/** What the binding call says of a pairing that is not this device's any more. */
const ENDED = ['unauthorized', 'wrong_secret', 'already_paired', 'pairing_expired', 'pair_revoked'];

/** Milliseconds until a relay that could not be reached is told again of a removal. */
const RETRY = 30_000;

/** The pairings that there are: their names, whether they still stand, and their end. */
export class Agents {
  private readonly hub: Hub;
  private readonly relays: Relays;
  /** By relay: the revocations that are under way. */
  private readonly removing = new Map<string, Promise<void>>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(hub: Hub, relays: Relays) {
    this.hub = hub;
    this.relays = relays;
  }

  get(id: string): AgentState | undefined {
    return this.hub.state.agents.get(id);
  }

  /** The agent with this pairing at this relay, ended ones too. */
  find(relay: string, pairId: string): AgentState | undefined {
    return [...this.hub.state.agents.values()].find(({ record }) => record.relay === relay && record.pairId === pairId);
  }

  async rename(id: string, name: string): Promise<void> {
    if (isName(name)) {
      await this.change(id, { name });
    }
  }

  async setPaused(id: string, paused: boolean): Promise<void> {
    await this.change(id, { paused });
  }

  async change(id: string, change: Partial<PairingRecord>): Promise<void> {
    const agent = this.get(id);
    if (agent !== undefined) {
      await this.hub.write({ table: 'pairings', key: id, value: { ...agent.record, ...change } });
    }
  }

  /** Asks by the binding call whether the pairing still stands: docs/protocol.md, 4.5. */
  async check(agent: AgentState): Promise<Standing> {
    const { relay, pairId, secretHash, payload } = agent.record;
    const device = this.hub.state.devices.get(relay);
    if (device === undefined) {
      return 'ended';
    }
    const answer = await this.relays.client(relay).bind(device, pairId, secretHash, payload);
    if (answer.ok) {
      return 'stands';
    }
    const ended = answer.failure.kind === 'problem' && ENDED.includes(answer.failure.code);
    if (ended && !agent.record.ended) {
      await this.change(agent.id, { ended: true });
    }
    return ended ? 'ended' : 'unknown';
  }

  /** Checks the agents, those of one relay one after the other; no relay waits for another. */
  async checkAll(agents: readonly AgentState[]): Promise<void> {
    const relays = [...new Set(agents.map(({ record }) => record.relay))];
    await Promise.all(
      relays.map(async (relay) => {
        for (const agent of agents.filter(({ record }) => record.relay === relay)) {
          await this.check(agent);
        }
      }),
    );
  }

  /** Deletes the keys, and tells the relay when it can be reached. */
  async remove(agent: AgentState, visibly: boolean): Promise<void> {
    const { relay, pairId, name, pairedAt, ended } = agent.record;
    const { hello } = agent.pairing;
    const shown = { id: agent.id, name, ownName: hello.name, host: hello.host, pairedAt };
    const removal = { relay, pairId, ...(visibly ? { agent: shown } : {}) };
    await this.hub.write(
      { table: 'pairings', key: agent.id },
      { table: 'marks', key: agent.id },
      ...(ended ? [] : [{ table: 'removals', key: removalKey(relay, pairId), value: removal } satisfies Write]),
    );
    await this.hub.store.forget(agent.id, () => true);
    this.tellRelays();
  }

  /** Revokes at the relays what is removed here. No relay waits for another. */
  tellRelays(): void {
    if (!this.hub.leading) {
      return;
    }
    clearTimeout(this.timer);
    for (const relay of new Set([...this.hub.state.removals.values()].map((removal) => removal.relay))) {
      const next = (this.removing.get(relay) ?? Promise.resolve()).then(() => this.revokeAll(relay));
      this.hub.background(next);
      // A failure of the storage ends this try and not those that follow.
      this.removing.set(
        relay,
        next.catch(() => undefined),
      );
    }
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async revokeAll(relay: string): Promise<void> {
    let left = false;
    const removals = [...this.hub.state.removals].filter(([, removal]) => removal.relay === relay);
    for (const [key, { pairId }] of removals) {
      const device = this.hub.state.devices.get(relay);
      const answer = device === undefined ? undefined : await this.relays.client(relay).revoke(device, pairId);
      const failure = answer === undefined || answer.ok ? undefined : answer.failure;
      // 401 and 410: the relay does not know it, or not any more.
      const again = failure !== undefined && (failure.kind !== 'problem' || failure.retryAfter !== undefined);
      left ||= again;
      if (!again) {
        await this.hub.write({ table: 'removals', key });
      }
    }
    if (left && this.hub.leading) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.tellRelays(), RETRY);
    }
  }
}
