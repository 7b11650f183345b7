import type { PasskeyFailure, StoredPasskey } from '../keys/passkeys.js';
import { isName } from '../messages/forms.js';
import {
  beginJoin,
  confirm,
  type DeviceHandshake,
  type DeviceJoin,
  openHello,
  type PairingLink,
  parseLink,
} from '../messages/index.js';
import type { Item } from '../relay/index.js';
import type { Agents } from './agents.js';
import type { Pairing, PairingRefusal } from './approver.js';
import { Binding } from './binding.js';
import type { Hub } from './hub.js';
import { resembles } from './names.js';
import { passkeyState } from './offers.js';
import { type AgentState, agentIdOf, bytes, removalKey, writePairing, writeStarted } from './records.js';
import type { Relays } from './relays.js';

/** Seconds: a join is kept no longer; the platform waits so long for the code. */
const KEPT = 600;
const WAITED = 300;

/** Pairing: docs/messages.md, section 4. One at a time. */
export class Joining {
  private readonly hub: Hub;
  private readonly relays: Relays;
  private readonly agents: Agents;
  private readonly passkey: () => Promise<StoredPasskey | PasskeyFailure>;
  private readonly outbox: () => void;
  private readonly binding: Binding;
  private link: PairingLink | undefined;
  private refusal: PairingRefusal | undefined;
  private handshake: DeviceHandshake | undefined;
  private hello: { readonly relay: string; readonly item: Item } | undefined;
  private name: string | undefined;
  private pairedId: string | undefined;
  private joining = false;
  private confirming = false;

  /**
   * @param passkey gives the installation's passkey, and makes it if there is none
   * @param outbox called when there is something to send
   */
  constructor(
    hub: Hub,
    relays: Relays,
    agents: Agents,
    passkey: () => Promise<StoredPasskey | PasskeyFailure>,
    outbox: () => void,
  ) {
    this.passkey = passkey;
    this.hub = hub;
    this.relays = relays;
    this.agents = agents;
    this.outbox = outbox;
    this.binding = new Binding(hub, relays);
  }

  snapshot(): Pairing | undefined {
    const { state, env } = this.hub;
    const unconfirmed = this.unconfirmed();
    if (this.refusal !== undefined) {
      return { step: 'refused', reason: this.refusal };
    }
    if (unconfirmed?.record.unconfirmed !== undefined) {
      const { record, pairing } = unconfirmed;
      const { digits, until } = record.unconfirmed as { digits: string; until: number };
      const facts = { relay: record.relay, name: record.name, host: pairing.hello.host };
      const offline = !this.relays.isConnected(record.relay);
      return { step: 'digits', ...facts, digits, until, confirming: true, offline };
    }
    if (this.pairedId !== undefined) {
      // Another tab may have sent the confirmation, and removed the pairing where that failed.
      const paired = state.agents.has(this.pairedId);
      return paired ? { step: 'paired', agentId: this.pairedId } : { step: 'refused', reason: 'pairing_expired' };
    }
    const { join } = state;
    if (join !== undefined) {
      const { relay } = join.record.link;
      if (join.record.boundAt === undefined) {
        return { step: 'joining', relay };
      }
      const until = join.record.boundAt + WAITED;
      return this.handshake === undefined
        ? { step: 'waiting', relay, until }
        : this.digits(this.handshake, relay, until);
    }
    if (this.link === undefined) {
      return undefined;
    }
    const { relay } = this.link;
    const passkey = passkeyState(env.passkeys.possible, state.settings.passkeys.at(-1));
    return this.joining
      ? { step: 'joining', relay }
      : { step: 'offered', relay, installFirst: env.page.ios && !env.page.installed, passkey };
  }

  offer(text: string): void {
    const parsed = parseLink(text.trim());
    if (!parsed.ok) {
      this.refuse(parsed.reason);
      return;
    }
    const { relay, pairId } = parsed.value;
    const { join, removals } = this.hub.state;
    const same = join?.record.link.relay === relay && join.record.link.pairId === pairId;
    if (same) {
      this.hub.changed(); // the join goes on
    } else if (join !== undefined || this.joining || this.unconfirmed() !== undefined) {
      this.refuse('busy');
    } else if (this.agents.find(relay, pairId) !== undefined || removals.has(removalKey(relay, pairId))) {
      this.refuse('known');
    } else {
      this.forget();
      this.link = parsed.value;
      this.hub.changed();
    }
  }

  async join(withPasskey: boolean): Promise<void> {
    const { link } = this;
    if (link === undefined || this.joining || this.hub.state.join !== undefined) {
      return;
    }
    this.joining = true;
    this.hub.changed();
    try {
      await this.begin(link, withPasskey);
    } catch {
      this.refuse('storage_failed');
    } finally {
      this.joining = false;
      this.hub.changed();
    }
  }

  private async begin(link: PairingLink, withPasskey: boolean): Promise<void> {
    const { env } = this.hub;
    const passkey = withPasskey ? await this.passkey() : undefined;
    if (this.link !== link) {
      return; // cancelled in between
    }
    if (typeof passkey === 'string') {
      this.refusal = passkey === 'cancelled' ? 'passkey_cancelled' : 'passkey_failed'; // and the link stays
      return;
    }
    const passkeys = passkey === undefined ? [] : [{ alg: passkey.alg, key: bytes(passkey.key), be: passkey.be }];
    const origin = passkey === undefined ? {} : { appOrigin: env.page.origin };
    const begun = beginJoin(link, { name: env.page.deviceName, passkeys, ...origin }, env.random);
    if (!begun.ok) {
      this.refuse(begun.reason);
      return;
    }
    const value = writeStarted(begun.value, this.hub.now());
    await this.hub.write({ table: 'joins', key: 'join', value });
    this.hub.background(env.storage.persist());
    await this.bind(begun.value);
  }

  /** Goes on with a join that was under way when the page was closed, and drops one that is too old. */
  async resume(): Promise<void> {
    const { join } = this.hub.state;
    if (join !== undefined && join.record.boundAt === undefined && this.hub.leading && !this.joining) {
      this.joining = true;
      try {
        await this.bind(join.started);
      } finally {
        this.joining = false;
      }
    }
  }

  /** @returns whether the item belongs to the join: then no other key is tried on it */
  item(relay: string, item: Item): boolean {
    const { join } = this.hub.state;
    if (join === undefined || join.record.link.relay !== relay || join.record.link.pairId !== item.pairId) {
      return false;
    }
    if (item.envelope === undefined) {
      if (item.requestId === this.handshake?.requestId) {
        this.hub.background(this.abandon('pair_revoked'));
      }
      return true;
    }
    if (this.handshake !== undefined) {
      return true;
    }
    const opened = openHello(join.started, item.requestId, item.envelope);
    if (opened.ok) {
      this.handshake = opened.value;
      this.hello = { relay, item };
      this.hub.changed();
    } else if (opened.reason !== 'seal' && opened.reason !== 'envelope') {
      // Made by somebody who knows the secret, and not what the link has promised.
      this.hub.background(this.abandon(opened.reason));
    }
    return true;
  }

  /** Tells a tab that has begun. */
  tellHello(): void {
    if (this.hello !== undefined) {
      const { relay, item } = this.hello;
      this.hub.env.tabs.post({ kind: 'feed', relay, event: { kind: 'item', item } });
    }
  }

  nameAgent(name: string): void {
    if (isName(name.trim())) {
      this.name = name.trim();
      this.hub.changed();
    }
  }

  async confirm(): Promise<void> {
    const { handshake } = this;
    const { join } = this.hub.state;
    const boundAt = join?.record.boundAt;
    if (
      handshake === undefined ||
      boundAt === undefined ||
      this.confirming ||
      this.resembled(handshake) !== undefined
    ) {
      return;
    }
    this.confirming = true;
    try {
      const now = this.hub.now();
      const { pairing, entry } = confirm(handshake, now, this.hub.env.random);
      const agentId = agentIdOf(pairing);
      const unconfirmed = { digits: handshake.keys.checkCode, until: boundAt + KEPT };
      const facts = { name: this.nameOf(handshake), pairedAt: now, paused: false, ended: false, unconfirmed };
      const { requestId, digest, expiresAt, response } = entry;
      // S and the X25519 key go with the join, in the transaction that stores what they have led to.
      await this.hub.store.decide(
        {
          agentId,
          requestId,
          digest,
          expiresAt,
          unsent: true,
          value: { response, decision: 'paired', status: 'sending' },
        },
        { table: 'pairings', key: agentId, value: { ...writePairing(pairing), ...facts } },
        { table: 'joins', key: 'join' },
      );
      this.forget();
      this.pairedId = agentId;
      await this.hub.stored();
      this.hub.env.tabs.post({ kind: 'decision', agentId, requestId });
      this.outbox();
    } catch {
      this.refuse('storage_failed');
    } finally {
      this.confirming = false;
    }
  }

  /** The relay has the confirmation, or the platform has shown that it is paired. */
  async confirmed(agent: AgentState): Promise<void> {
    const { unconfirmed: _, ...record } = agent.record;
    this.forget();
    this.pairedId = agent.id;
    await this.hub.write({ table: 'pairings', key: agent.id, value: record });
  }

  /** The platform is not paired, and will not be. */
  async failed(agent: AgentState, reason: PairingRefusal): Promise<void> {
    await this.agents.remove(agent, false);
    this.refuse(reason);
  }

  /** Cancels whatever is under way. */
  async cancel(): Promise<void> {
    const unconfirmed = this.unconfirmed();
    this.forget();
    if (unconfirmed !== undefined) {
      await this.agents.remove(unconfirmed, false);
    }
    await this.dropJoin();
    this.hub.changed();
  }

  /** Takes the last message away. What is under way goes on. */
  end(): void {
    this.refusal = undefined;
    this.pairedId = undefined;
    this.hub.changed();
  }

  /** Gives up what has taken too long. */
  async expire(): Promise<void> {
    const now = this.hub.now();
    const { join } = this.hub.state;
    const unconfirmed = this.unconfirmed();
    if (unconfirmed?.record.unconfirmed !== undefined && now >= unconfirmed.record.unconfirmed.until) {
      await this.failed(unconfirmed, 'pairing_expired');
    }
    if (join !== undefined) {
      const { boundAt, startedAt } = join.record;
      const until = boundAt === undefined ? startedAt + KEPT : boundAt + WAITED;
      if (now >= until || now < startedAt - KEPT) {
        await this.abandon('pairing_expired');
      }
    }
  }

  /** When the clock changes something next. */
  next(): number | undefined {
    const record = this.hub.state.join?.record;
    const until = record?.boundAt === undefined ? undefined : record.boundAt + WAITED;
    return until ?? this.unconfirmed()?.record.unconfirmed?.until;
  }

  private unconfirmed(): AgentState | undefined {
    return [...this.hub.state.agents.values()].find(({ record }) => record.unconfirmed !== undefined);
  }

  private digits(handshake: DeviceHandshake, relay: string, until: number): Pairing {
    const alike = this.resembled(handshake);
    return {
      step: 'digits',
      relay,
      name: this.nameOf(handshake),
      host: handshake.hello.host,
      digits: handshake.keys.checkCode,
      ...(alike === undefined ? {} : { resembles: alike }),
      until,
      confirming: this.confirming,
      offline: !this.relays.isConnected(relay),
    };
  }

  private nameOf(handshake: DeviceHandshake): string {
    return this.name ?? handshake.hello.name;
  }

  private resembled(handshake: DeviceHandshake): string | undefined {
    const known = [...this.hub.state.agents.values()].map(({ record }) => record.name);
    return known.find((name) => resembles(name, this.nameOf(handshake)));
  }

  private async bind(started: DeviceJoin): Promise<void> {
    const refusal = await this.binding.bind(started);
    if (refusal !== undefined) {
      await this.abandon(refusal);
    }
  }

  private async abandon(reason: PairingRefusal): Promise<void> {
    await this.dropJoin();
    this.refuse(reason);
  }

  /** Deletes the join's keys, then revokes what may have been bound. */
  private async dropJoin(): Promise<void> {
    const { join } = this.hub.state;
    if (join !== undefined) {
      const { relay, pairId } = join.record.link;
      const removal = { table: 'removals', key: removalKey(relay, pairId), value: { relay, pairId } } as const;
      await this.hub.write({ table: 'joins', key: 'join' }, removal);
      this.agents.tellRelays();
    }
  }

  private refuse(reason: PairingRefusal): void {
    if (this.hub.state.join === undefined && this.unconfirmed() === undefined) {
      this.forget();
    }
    this.refusal = reason;
    this.hub.changed();
  }

  private forget(): void {
    this.link = undefined;
    this.refusal = undefined;
    this.handshake = undefined;
    this.hello = undefined;
    this.name = undefined;
    this.pairedId = undefined;
  }
}
