import type { PasskeyFailure, StoredPasskey } from '../keys/passkeys.js';
import { Damaged } from '../keys/seal.js';
import type { DecisionRow } from '../keys/store.js';
import { isForgotten, type Value } from '../messages/index.js';
import { Agents } from './agents.js';
import type { Approver, Choice, Snapshot } from './approver.js';
import { Cards } from './cards.js';
import { Deciding } from './deciding.js';
import { type Environment, Hub, type TabMessage } from './hub.js';
import { Inbox } from './inbox.js';
import { Joining } from './joining.js';
import { passkeyState } from './offers.js';
import { Outbox } from './outbox.js';
import type { AgentState } from './records.js';
import { Relays } from './relays.js';
import { agentsOf, cardsOf, pastOf } from './snapshot.js';
import { Waking } from './waking.js';

/** Seconds between two questions to the relay whether the pairings still stand. */
const CHECKED = 600;
/** Milliseconds: the own clock may be set while a timer runs. */
const LONGEST_TIMER = 15_000;
const SHORTEST_TIMER = 250;

/** The rules of the app: what {@link Approver} promises to the views. */
export class Core implements Approver {
  private readonly hub: Hub;
  private readonly relays: Relays;
  private readonly agents: Agents;
  private readonly cards = new Cards();
  private readonly outbox: Outbox;
  private readonly deciding: Deciding;
  private readonly joining: Joining;
  private readonly waking: Waking;
  private readonly inbox: Inbox;
  private readonly listeners = new Set<() => void>();
  private storage: Snapshot['storage'] = 'opening';
  private persisted = false;
  private passkeyProblem: PasskeyFailure | undefined;
  private current: Snapshot | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private checkedAt = 0;
  private offered: string | undefined;

  constructor(env: Environment) {
    this.hub = new Hub(env, () => this.changed());
    this.relays = new Relays(this.hub, {
      event: (relay, event) => {
        env.tabs.post({ kind: 'feed', relay, event });
        return this.inbox.feed(relay, event);
      },
      // Not a step of the inbox: the cards of other relays do not wait for this one's answers.
      unknownDevice: (relay) => this.hub.background(this.deviceUnknown(relay)),
      asked: (relay) => this.hub.background(this.waking.subscribe(relay)),
    });
    this.agents = new Agents(this.hub, this.relays);
    this.outbox = new Outbox(this.hub, this.relays, this.agents, (row) => this.settled(row));
    this.deciding = new Deciding(this.hub, this.cards, () => this.outbox.kick());
    this.joining = new Joining(
      this.hub,
      this.relays,
      this.agents,
      () => this.passkey(),
      () => this.outbox.kick(),
    );
    this.waking = new Waking(this.hub, this.relays);
    this.inbox = new Inbox(this.hub, this.cards, this.agents, this.joining, this.deciding, this.outbox);
  }

  get snapshot(): Snapshot {
    this.current ??= this.take();
    return this.current;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Opens the storage. Resolves when the first snapshot of what is stored is there. */
  async start(): Promise<void> {
    const { env } = this.hub;
    env.tabs.listen((message) => this.told(message));
    try {
      await this.hub.open();
      this.storage = 'ready';
    } catch (error) {
      this.storage = error instanceof Damaged ? 'damaged' : 'unavailable';
      this.changed();
      return;
    }
    this.changed();
    if (this.offered !== undefined) {
      this.offer(this.offered);
    }
    env.tabs.post({ kind: 'begun' });
    this.hub.background(this.lead());
    this.hub.background(this.waking.readLast());
    await this.readPersisted();
  }

  /** Ends everything that runs. */
  stop(): void {
    this.storage = 'unavailable';
    this.hub.leading = false;
    clearTimeout(this.timer);
    this.outbox.stop();
    this.agents.stop();
    this.relays.stop();
  }

  /** To be called when the page is seen again, or when the network is back (`networkChanged`). */
  wake(networkChanged: boolean): void {
    if (this.storage !== 'ready') {
      return;
    }
    this.relays.wake(networkChanged);
    this.outbox.kick();
    this.agents.tellRelays();
    this.hub.background(this.waking.readLast());
    this.hub.background(this.checkAll());
    this.tick();
  }

  offer(link: string): void {
    if (this.storage === 'opening') {
      this.offered = link; // which pairings are known is not known yet
    } else {
      this.joining.offer(link);
    }
  }

  async join(options: { readonly passkey: boolean }): Promise<void> {
    await this.joining.join(options.passkey);
    await this.readPersisted();
  }

  nameAgent(name: string): void {
    this.joining.nameAgent(name);
  }

  confirm(): Promise<void> {
    return this.joining.confirm();
  }

  cancelPairing(): Promise<void> {
    return this.joining.cancel();
  }

  endPairing(): void {
    this.joining.end();
  }

  rename(agentId: string, name: string): Promise<void> {
    return this.agents.rename(agentId, name);
  }

  setPaused(agentId: string, paused: boolean): Promise<void> {
    return this.agents.setPaused(agentId, paused);
  }

  async remove(agentId: string): Promise<void> {
    const agent = this.agents.get(agentId);
    if (agent !== undefined) {
      this.cards.removeAgent(agentId);
      await this.agents.remove(agent, true);
    }
  }

  decide(cardId: string, choice: Choice): Promise<void> {
    return this.deciding.decide(cardId, choice);
  }

  room(cardId: string, values: readonly Value[]): number {
    return this.deciding.room(cardId, values);
  }

  dismiss(cardId: string): void {
    this.cards.dismiss(cardId);
    this.changed();
  }

  async createPasskey(): Promise<void> {
    const made = await this.hub.env.passkeys.create();
    this.passkeyProblem = typeof made === 'string' ? made : undefined;
    if (typeof made !== 'string') {
      await this.keepPasskey(made);
    }
    this.changed();
  }

  enableWakeUps(): Promise<void> {
    return this.waking.enable();
  }

  disableWakeUps(): Promise<void> {
    return this.waking.disable();
  }

  testWakeUp(): Promise<void> {
    return this.hub.env.wakeUps.show();
  }

  receipt(pastId: string): Promise<Uint8Array | undefined> {
    return this.deciding.receipt(pastId);
  }

  async reset(): Promise<void> {
    await this.hub.env.storage.delete();
    this.hub.env.tabs.post({ kind: 'deleted' });
    this.hub.env.reload();
  }

  /** The installation's passkey, made now if there is none. */
  private async passkey(): Promise<StoredPasskey | PasskeyFailure> {
    const known = this.hub.state.settings.passkeys.at(-1);
    const passkey = known ?? (await this.hub.env.passkeys.create());
    if (known === undefined && typeof passkey !== 'string') {
      await this.keepPasskey(passkey);
    }
    return passkey;
  }

  private async keepPasskey(passkey: StoredPasskey): Promise<void> {
    const { settings } = this.hub.state;
    const value = { ...settings, passkeys: [...settings.passkeys, passkey] };
    await this.hub.write({ table: 'settings', key: 'settings', value });
  }

  private async readPersisted(): Promise<void> {
    this.persisted = await this.hub.env.storage.persisted().catch(() => false);
    this.changed();
  }

  private async lead(): Promise<void> {
    await this.hub.env.tabs.lead();
    this.hub.leading = true;
    await this.joining.expire();
    this.relays.sync();
    this.outbox.kick();
    this.agents.tellRelays();
    await this.joining.resume();
    await this.forgetOld();
    await this.checkAll();
  }

  private async settled(row: DecisionRow): Promise<void> {
    const agent = this.agents.get(row.agentId);
    await this.hub.settle(row, ...this.deciding.settledWrites(row));
    this.deciding.follow(row);
    if (agent?.record.unconfirmed !== undefined) {
      await this.confirmationSettled(row, agent);
    }
    this.changed();
  }

  private async confirmationSettled(row: DecisionRow, agent: AgentState): Promise<void> {
    switch (row.value.status) {
      case 'sent':
        await this.joining.confirmed(agent);
        break;
      case 'revoked':
        await this.joining.failed(agent, 'pair_revoked');
        break;
      case 'refused':
        // The relay may have forgotten the hello; the pairing stands all the same, so it may have had the answer.
        await this.joining.confirmed(agent);
        break;
      default:
        await this.joining.failed(agent, 'pairing_expired');
    }
  }

  private async deviceUnknown(relay: string): Promise<void> {
    const agents = [...this.hub.state.agents.values()];
    const concerned = agents.filter(({ record }) => record.relay === relay && !record.ended);
    await this.agents.checkAll(concerned);
    this.endCards();
    this.relays.restart(relay, 30);
  }

  private async checkAll(): Promise<void> {
    const now = this.hub.now();
    if (!this.hub.leading || now - this.checkedAt < CHECKED) {
      return;
    }
    this.checkedAt = now;
    await this.agents.checkAll([...this.hub.state.agents.values()].filter(({ record }) => !record.ended));
    this.endCards();
  }

  /** The open cards of agents that have ended. */
  private endCards(): void {
    for (const entry of this.cards.all()) {
      if (this.agents.get(entry.agentId)?.record.ended !== false) {
        this.inbox.end(entry.id, 'revoked');
      }
    }
    this.changed();
  }

  private async forgetOld(): Promise<void> {
    for (const [agentId, { newestIssuedAt }] of this.hub.state.marks) {
      await this.hub.store.forget(agentId, (_, expiresAt) => isForgotten({ expiresAt }, newestIssuedAt));
    }
  }

  private told(message: TabMessage): void {
    if (message.kind === 'deleted') {
      this.hub.env.reload();
    } else if (this.storage === 'ready') {
      this.hearOf(message);
    }
  }

  private hearOf(message: Exclude<TabMessage, { kind: 'deleted' }>): void {
    switch (message.kind) {
      case 'stored':
        this.inbox.stored();
        break;
      case 'decision':
        this.inbox.enqueue(() => this.inbox.decidedElsewhere(message.agentId, message.requestId));
        break;
      case 'feed':
        this.inbox.feed(message.relay, message.event);
        break;
      case 'ended':
        this.inbox.endedElsewhere(message.cardId, message.status);
        break;
      case 'relay':
        this.relays.told(message.facts);
        break;
      case 'begun':
        if (this.hub.leading) {
          this.relays.tellAll();
          this.inbox.tellAll();
        }
    }
  }

  /** What the clock brings. */
  private tick(): void {
    this.cards.expire(this.hub.now());
    this.hub.background(this.joining.expire());
    this.changed();
  }

  private plan(): void {
    const now = this.hub.now();
    const times = [this.cards.next(now), this.joining.next()].filter((time) => time !== undefined);
    const pause = Math.min(Math.max((Math.min(...times) - now) * 1_000, SHORTEST_TIMER), LONGEST_TIMER);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), pause);
  }

  private changed(): void {
    this.current = undefined;
    if (this.storage === 'ready') {
      this.relays.sync();
      this.plan();
    }
    for (const listener of [...this.listeners]) {
      listener();
    }
  }

  private take(): Snapshot {
    const { env, state } = this.hub;
    const passkeys = env.passkeys.possible ? state.settings.passkeys : [];
    const pairing = this.storage === 'ready' ? this.joining.snapshot() : undefined;
    return {
      storage: this.storage,
      agents: agentsOf(state, passkeys),
      cards: cardsOf(this.cards.all(), state, passkeys, this.hub.now(), (relay) => this.relays.isConnected(relay)),
      past: pastOf(state),
      ...(pairing === undefined ? {} : { pairing }),
      relays: this.relays.states(),
      phone: {
        passkey: passkeyState(env.passkeys.possible, state.settings.passkeys.at(-1)),
        ...(this.passkeyProblem === undefined ? {} : { passkeyProblem: this.passkeyProblem }),
        wakeUps: this.waking.state(),
        persisted: this.persisted,
        installed: env.page.installed,
        ios: env.page.ios,
        online: env.page.online(),
        version: env.page.version,
      },
    };
  }
}
