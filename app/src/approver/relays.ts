import { Feed, type FeedEvent, RelayClient } from '../relay/index.js';
import type { RelayState } from './approver.js';
import type { Hub, RelayFacts } from './hub.js';

export interface RelaysListener {
  /** The relay is read on when this is dealt with. */
  event(relay: string, event: FeedEvent): Promise<void>;
  /** The relay does not know this installation's device any more. */
  unknownDevice(relay: string): void;
  /** The relay has said what it offers. */
  asked(relay: string): void;
}

const ASK_AGAIN = 600;

/** The relays of this installation: one feed each, in the tab that leads, and what is known about each. */
export class Relays {
  private readonly hub: Hub;
  private readonly listener: RelaysListener;
  private readonly facts = new Map<string, RelayFacts>();
  private readonly feeds = new Map<string, { readonly deviceId: string; readonly feed: Feed }>();
  private restarting: ReturnType<typeof setTimeout> | undefined;
  private readonly askedAt = new Map<string, number>();

  constructor(hub: Hub, listener: RelaysListener) {
    this.hub = hub;
    this.listener = listener;
  }

  client(relay: string): RelayClient {
    return new RelayClient(relay, this.hub.env.fetch);
  }

  states(): readonly RelayState[] {
    return this.needed().map((relay) => {
      const facts = this.factsOf(relay);
      const push = facts.asked ? (facts.vapidKey === undefined ? 'not_offered' : 'offered') : 'unknown';
      return {
        relay,
        connection: facts.connection,
        since: facts.since,
        push,
        ...(facts.clockAhead === undefined ? {} : { clockAhead: facts.clockAhead }),
      };
    });
  }

  isConnected(relay: string): boolean {
    return this.factsOf(relay).connection === 'connected';
  }

  /** What the relay subscribes browsers with, if it does. */
  vapidKey(relay: string): string | undefined {
    return this.factsOf(relay).vapidKey;
  }

  needed(): readonly string[] {
    const { agents, join } = this.hub.state;
    const active = [...agents.values()].filter(({ record }) => !record.ended).map(({ record }) => record.relay);
    return [...new Set([...active, ...(join?.record.boundAt === undefined ? [] : [join.record.link.relay])])].sort();
  }

  /** Starts and stops feeds as the stored state asks for. To be called after each change. */
  sync(): void {
    if (!this.hub.leading) {
      return;
    }
    const needed = this.needed();
    for (const [relay, { deviceId, feed }] of this.feeds) {
      if (!needed.includes(relay) || this.hub.state.devices.get(relay)?.deviceId !== deviceId) {
        feed.stop();
        this.feeds.delete(relay);
      }
    }
    for (const relay of needed) {
      const device = this.hub.state.devices.get(relay);
      if (device !== undefined && !this.feeds.has(relay)) {
        this.start(relay, device);
      }
    }
  }

  /** Begins a feed anew, after a while. */
  restart(relay: string, after: number): void {
    this.restarting = setTimeout(() => {
      this.feeds.delete(relay);
      this.sync();
    }, after * 1_000);
  }

  wake(networkChanged: boolean): void {
    for (const { feed } of this.feeds.values()) {
      feed.wake(networkChanged);
    }
  }

  stop(): void {
    clearTimeout(this.restarting);
    for (const { feed } of this.feeds.values()) {
      feed.stop();
    }
    this.feeds.clear();
  }

  /** What another tab tells of a relay. */
  told(facts: RelayFacts): void {
    this.facts.set(facts.relay, facts);
    this.hub.changed();
  }

  /** Tells a tab that has begun. */
  tellAll(): void {
    for (const facts of this.facts.values()) {
      this.hub.env.tabs.post({ kind: 'relay', facts });
    }
  }

  private start(relay: string, device: { readonly deviceId: string; readonly deviceToken: string }): void {
    const listener = {
      event: (event: FeedEvent) => this.listener.event(relay, event),
      connection: (connection: RelayFacts['connection']) => {
        this.update(relay, { connection });
        if (connection === 'connected') {
          this.hub.background(this.ask(relay));
        }
      },
      unknownDevice: () => {
        this.update(relay, { connection: 'offline' });
        this.listener.unknownDevice(relay);
      },
    };
    const feed = new Feed(this.client(relay), device, listener, Math.random);
    this.feeds.set(relay, { deviceId: device.deviceId, feed });
    this.askedAt.delete(relay); // a device that is new has no push token there
    this.hub.background(feed.run());
  }

  private async ask(relay: string): Promise<void> {
    const now = this.hub.now();
    if (now - (this.askedAt.get(relay) ?? 0) < ASK_AGAIN) {
      return;
    }
    this.askedAt.set(relay, now);
    const about = await this.client(relay).about();
    if (!about.ok) {
      this.askedAt.delete(relay);
      return;
    }
    const { time, vapidPublicKey } = about.value;
    const { vapidKey: _, ...facts } = this.factsOf(relay);
    const asked = { ...facts, asked: true, clockAhead: time - this.hub.now() };
    this.put(vapidPublicKey === undefined ? asked : { ...asked, vapidKey: vapidPublicKey });
    this.listener.asked(relay);
  }

  private factsOf(relay: string): RelayFacts {
    const known = this.facts.get(relay);
    return known ?? { relay, connection: 'connecting', since: this.hub.now(), asked: false };
  }

  private update(relay: string, change: Pick<RelayFacts, 'connection'>): void {
    const facts = this.factsOf(relay);
    const since = facts.connection === change.connection ? facts.since : this.hub.now();
    this.put({ ...facts, ...change, since });
  }

  private put(facts: RelayFacts): void {
    this.facts.set(facts.relay, facts);
    this.hub.env.tabs.post({ kind: 'relay', facts });
    this.hub.changed();
  }
}
