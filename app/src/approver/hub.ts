import type { Passkeys } from '../keys/passkeys.js';
import { Damaged } from '../keys/seal.js';
import type { DecisionRow, Store, Write } from '../keys/store.js';
import type { Random } from '../messages/index.js';
import type { Connection, FeedEvent } from '../relay/index.js';
import { loadState, NOTHING, type State } from './records.js';

/** What the rules need of the world. Times are Unix seconds. */
export interface Environment {
  readonly now: () => number;
  readonly random: Random;
  readonly fetch: typeof fetch;
  readonly page: PageFacts;
  readonly passkeys: Passkeys;
  readonly storage: Storage;
  readonly tabs: Tabs;
  readonly wakeUps: WakeUpPlatform;
  /** Begins the page anew. */
  readonly reload: () => void;
}

export interface PageFacts {
  readonly origin: string;
  readonly ios: boolean;
  readonly installed: boolean;
  /** What the device calls itself in a join. */
  readonly deviceName: string;
  readonly version: string;
  readonly online: () => boolean;
}

export interface Storage {
  open(): Promise<Store>;
  delete(): Promise<void>;
  /** Whether the browser has promised to keep what is stored. */
  persisted(): Promise<boolean>;
  persist(): Promise<boolean>;
}

export type Permission = 'default' | 'granted' | 'denied' | 'unsupported';

export interface WakeUpPlatform {
  permission(): Permission;
  ask(): Promise<Permission>;
  /** The subscription as the relay's push token, made or renewed for this key; nothing if there is none in time. */
  subscribe(relay: string, vapidKey: string): Promise<string | undefined>;
  unsubscribe(relay: string): Promise<void>;
  /** Shows the notification of a wake-up. */
  show(): Promise<void>;
  lastAt(): Promise<number | undefined>;
}

/** The other tabs with this page. One of them leads: it alone keeps streams and sends. */
export interface Tabs {
  post(message: TabMessage): void;
  listen(handler: (message: TabMessage) => void): void;
  /** Resolves when this tab begins to lead, which it does until it is closed. */
  lead(): Promise<void>;
}

export type TabMessage =
  /** Something stored has changed. */
  | { readonly kind: 'stored' }
  /** A decision was stored or settled. */
  | { readonly kind: 'decision'; readonly agentId: string; readonly requestId: string }
  /** Everything was deleted. */
  | { readonly kind: 'deleted' }
  /** A tab that follows has begun, and asks what there is. */
  | { readonly kind: 'begun' }
  /** A card is not open any more, as the tab that leads has found out. */
  | { readonly kind: 'ended'; readonly cardId: string; readonly status: 'withdrawn' | 'revoked' }
  | { readonly kind: 'feed'; readonly relay: string; readonly event: FeedEvent }
  | { readonly kind: 'relay'; readonly facts: RelayFacts };

export interface RelayFacts {
  readonly relay: string;
  readonly connection: Connection;
  readonly since: number;
  readonly vapidKey?: string;
  /** Whether the relay has been asked what it offers. */
  readonly asked: boolean;
  readonly clockAhead?: number;
}

/** What the parts of the approver share: the stored state, and word of every change. */
export class Hub {
  readonly env: Environment;
  state: State = NOTHING;
  leading = false;
  private opened: Store | undefined;
  private readonly onChange: () => void;

  constructor(env: Environment, onChange: () => void) {
    this.env = env;
    this.onChange = onChange;
  }

  get store(): Store {
    if (this.opened === undefined) {
      throw new Error('the storage is not open');
    }
    return this.opened;
  }

  async open(): Promise<void> {
    this.opened = await this.env.storage.open();
    try {
      this.state = await loadState(this.opened);
    } catch (error) {
      throw new Damaged('what is stored cannot be read', { cause: error });
    }
  }

  now(): number {
    return this.env.now();
  }

  changed(): void {
    this.onChange();
  }

  async write(...writes: readonly Write[]): Promise<void> {
    await this.store.write(...writes);
    await this.stored();
  }

  async settle(row: DecisionRow, ...writes: readonly Write[]): Promise<void> {
    await this.store.settle(row, ...writes);
    this.env.tabs.post({ kind: 'decision', agentId: row.agentId, requestId: row.requestId });
    await this.stored();
  }

  /** To be called after every write that was not made here. */
  async stored(): Promise<void> {
    this.env.tabs.post({ kind: 'stored' });
    await this.reload();
  }

  async reload(): Promise<void> {
    this.state = await loadState(this.store);
    this.changed();
  }

  /** Runs what nobody waits for. A failure of the storage shows at the next step that needs it. */
  background(work: Promise<unknown>): void {
    work.catch((error: unknown) => console.error('harp:', error instanceof Error ? error.message : 'failed'));
  }
}
