import type { DeviceCredentials } from './answers.js';
import type { Failure, RelayClient } from './client.js';
import { type FeedEvent, readEvents } from './events.js';

export type Connection = 'connecting' | 'connected' | 'offline' | 'draining' | 'nonsense' | 'limited';

export interface FeedListener {
  /** The feed reads on when this has resolved. */
  event(event: FeedEvent): Promise<void>;
  connection(connection: Connection): void;
  /** The relay does not know the device any more. The feed has ended. */
  unknownDevice(): void;
}

/** Milliseconds. The relay writes at once when a stream begins, and every 20 s after that. */
const FIRST_BYTES = 10_000;
const SILENCE = 60_000;
/** After this long without bytes a page that comes to the foreground does not wait any longer. */
const STALE = 25_000;
const POLLING = 600_000;
const WAIT_SECONDS = 50;
const LONGEST_PAUSE = 60_000;
const PROPER_END = 2_000;
const BETWEEN_POLLS = 500;
const AFTER_NONSENSE = 15_000;

/**
 * What the relay has for this device, until it is stopped: by a stream of events, or by long polls where something on
 * the way holds streams back. That is taken to be so if a stream brings no byte within 10 s of the call, because the
 * relay writes when it begins; ten minutes later a stream is tried again.
 */
export class Feed {
  private readonly client: RelayClient;
  private readonly device: DeviceCredentials;
  private readonly listener: FeedListener;
  private readonly random: () => number;
  private cursor: string | undefined;
  private failures = 0;
  private lastBytes = 0;
  private pollUntil = 0;
  /** Whether the polls have read the list to its end. */
  private complete = false;
  private stopped = false;
  private current = new AbortController();
  private endPause: () => void = () => undefined;

  /** @param random gives a number from 0 to 1, for the pauses */
  constructor(client: RelayClient, device: DeviceCredentials, listener: FeedListener, random: () => number) {
    this.client = client;
    this.device = device;
    this.listener = listener;
    this.random = random;
  }

  async run(): Promise<void> {
    while (!this.stopped) {
      this.current = new AbortController();
      const failure = Date.now() < this.pollUntil ? await this.poll() : await this.stream();
      if (this.stopped) {
        return;
      }
      if (failure?.kind === 'problem' && failure.code === 'unauthorized') {
        this.stopped = true;
        this.listener.unknownDevice();
        return;
      }
      if (failure?.kind === 'problem' && failure.code === 'invalid_parameter') {
        this.cursor = undefined; // not a cursor of this relay
      }
      if (failure !== undefined) {
        this.failures++;
        this.listener.connection(connectionAfter(failure));
      }
      await this.pause(failure);
    }
  }

  /** To be called when the page is seen again or the network is back: ends a pause, and a connection that is silent. */
  wake(networkChanged: boolean): void {
    this.failures = 0;
    this.endPause();
    if (networkChanged || Date.now() - this.lastBytes > STALE) {
      this.current.abort();
    }
  }

  stop(): void {
    this.stopped = true;
    this.endPause();
    this.current.abort();
  }

  private async stream(): Promise<Failure | undefined> {
    const { current } = this;
    let bytes = false;
    const begun = Date.now();
    this.lastBytes = begun;
    const watch = setInterval(() => {
      const silent = Date.now() - this.lastBytes;
      if (silent > (bytes ? SILENCE : FIRST_BYTES)) {
        current.abort();
      }
    }, 1_000);
    try {
      const opened = await this.client.stream(this.device, this.cursor, current.signal);
      if (!opened.ok) {
        this.pollIfHeldBack(begun, bytes);
        return opened.failure;
      }
      if (this.cursor === undefined) {
        await this.listener.event({ kind: 'reset' });
      }
      const understood = await readEvents(
        opened.value,
        () => {
          bytes = true;
          this.lastBytes = Date.now();
        },
        async (event, id) => {
          this.cursor = event.kind === 'reset' ? undefined : (id ?? this.cursor);
          await this.tell(event);
        },
      );
      return understood ? undefined : { kind: 'nonsense' };
    } catch {
      this.pollIfHeldBack(begun, bytes);
      return { kind: 'unreachable' };
    } finally {
      clearInterval(watch);
    }
  }

  private pollIfHeldBack(begun: number, bytes: boolean): void {
    if (!bytes && Date.now() - begun > FIRST_BYTES) {
      this.pollUntil = Date.now() + POLLING;
    }
  }

  private async poll(): Promise<Failure | undefined> {
    const first = this.cursor === undefined;
    this.complete &&= !first;
    const wait = this.complete ? WAIT_SECONDS : 0;
    this.lastBytes = Date.now() + wait * 1_000;
    const page = await this.client.list(this.device, this.cursor, wait, this.current.signal);
    if (!page.ok) {
      return page.failure;
    }
    const { items, cursor, reset } = page.value;
    if (first || reset) {
      await this.listener.event({ kind: 'reset' });
    }
    this.cursor = cursor;
    // A list that was cut goes on after its cursor.
    this.complete ||= items.length === 0;
    for (const item of items) {
      await this.tell({ kind: 'item', item });
    }
    if (this.complete) {
      await this.tell({ kind: 'current' });
    }
    return undefined;
  }

  private async tell(event: FeedEvent): Promise<void> {
    if (this.stopped) {
      return;
    }
    await this.listener.event(event);
    if (event.kind === 'current') {
      this.failures = 0;
      this.listener.connection('connected');
    }
  }

  private pause(failure: Failure | undefined): Promise<void> {
    const polling = Date.now() < this.pollUntil;
    const asked = failure?.kind === 'problem' ? (failure.retryAfter ?? 0) * 1_000 : 0;
    const least = failure?.kind === 'nonsense' ? AFTER_NONSENSE : asked;
    const doubling = Math.min(1_000 * 2 ** Math.max(this.failures - 1, 0), LONGEST_PAUSE);
    const proper = polling ? BETWEEN_POLLS : PROPER_END;
    const length = failure === undefined ? proper : Math.max(least, doubling);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, length * (1 + this.random() / 2));
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function connectionAfter(failure: Failure): Connection {
  if (failure.kind !== 'problem') {
    return failure.kind === 'nonsense' ? 'nonsense' : 'offline';
  }
  if (failure.code === 'shutting_down') {
    return 'draining';
  }
  return failure.status === 429 || failure.code === 'relay_full' ? 'limited' : 'offline';
}
