import type { Phone } from './approver.js';
import type { Hub } from './hub.js';
import type { Relays } from './relays.js';

/**
 * Wake-ups by Web Push. A subscription has one key, and each relay has its own: so each relay gets a subscription of
 * its own, by a registration of the service worker that is for that relay alone. They are compared, renewed and told to
 * the relay at each start of the tab that leads.
 */
export class Waking {
  private readonly hub: Hub;
  private readonly relays: Relays;
  private readonly failed = new Set<string>();
  private lastAt: number | undefined;

  constructor(hub: Hub, relays: Relays) {
    this.hub = hub;
    this.relays = relays;
  }

  state(): Phone['wakeUps'] {
    const { page, wakeUps } = this.hub.env;
    const permission = wakeUps.permission();
    const last = this.lastAt === undefined ? {} : { lastAt: this.lastAt };
    const wanted = this.hub.state.settings.wakeUps && permission === 'granted';
    const states = this.relays.states();
    if (page.ios && !page.installed) {
      return { permission, state: 'install_first', ...last };
    }
    if (states.length > 0 && states.every(({ push }) => push === 'not_offered')) {
      return { permission, state: 'no_relay', ...last };
    }
    const failed = states.some(({ relay }) => this.failed.has(relay));
    return { permission, state: wanted ? (failed ? 'failed' : 'on') : 'off', ...last };
  }

  /** Asks for the permission and subscribes with each relay. */
  async enable(): Promise<void> {
    const permission = await this.hub.env.wakeUps.ask();
    if (permission === 'granted') {
      await this.want(true);
      await Promise.all(this.relays.needed().map((relay) => this.subscribe(relay)));
    }
    this.hub.changed();
  }

  async disable(): Promise<void> {
    await this.want(false);
    const calls = [...this.hub.state.devices].map(async ([relay, device]) => {
      await this.hub.env.wakeUps.unsubscribe(relay);
      await this.relays.client(relay).setPushToken(device, null);
    });
    await Promise.all(calls);
    this.hub.changed();
  }

  /** To be called when the relay has said what it offers. */
  async subscribe(relay: string): Promise<void> {
    const { env, state } = this.hub;
    const device = state.devices.get(relay);
    const vapidKey = this.relays.vapidKey(relay);
    const wanted = state.settings.wakeUps && env.wakeUps.permission() === 'granted';
    if (!wanted || device === undefined || vapidKey === undefined) {
      return;
    }
    const token = await env.wakeUps.subscribe(relay, vapidKey);
    const told = token === undefined ? undefined : await this.relays.client(relay).setPushToken(device, token);
    if (told?.ok === true) {
      this.failed.delete(relay);
    } else {
      this.failed.add(relay);
    }
    this.hub.changed();
  }

  async readLast(): Promise<void> {
    this.lastAt = await this.hub.env.wakeUps.lastAt();
    this.hub.changed();
  }

  private async want(wakeUps: boolean): Promise<void> {
    const value = { ...this.hub.state.settings, wakeUps };
    await this.hub.write({ table: 'settings', key: 'settings', value });
  }
}
