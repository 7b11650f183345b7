import { randomBytes } from 'node:crypto';
import type { Approver, Card, Snapshot } from '../src/approver/approver.js';
import { Core } from '../src/approver/core.js';
import type { Environment, TabMessage } from '../src/approver/hub.js';
import { type DecisionRow, outcome, type Store, type Table, type Write } from '../src/keys/store.js';
import {
  type Bytes,
  completePairing,
  createOffer,
  type Envelope,
  formatLink,
  judge,
  offerLink,
  openJoin,
  type PairingLink,
  type PlatformHandshake,
  type PlatformOffer,
  type PlatformPairing,
  type Question,
  type Result,
  sealHello,
  sealQuestion,
} from '../src/messages/index.js';

/** The approver with a storage, a relay and an agent that a test holds in its hands. */

export const RELAY = 'https://relay.example.org';
const PAGE = `${RELAY}/app/`;
const DEVICE = { device_id: 'dev_0123456789ab', device_token: `hdt_${'a'.repeat(43)}` };

export const random = (length: number): Bytes => new Uint8Array(randomBytes(length));

export function value<T>(result: Result<T>): T {
  if (!result.ok) {
    throw new Error(result.reason);
  }
  return result.value;
}

/** A storage that is as strict as the real one, and can be made to fail. */
export class MemoryStore implements Store {
  readonly tables = new Map<string, string>();
  readonly decisions = new Map<string, DecisionRow>();
  failing = false;

  async readAll<T>(table: Table): Promise<ReadonlyMap<string, T>> {
    const own = [...this.tables].filter(([key]) => key.startsWith(`${table}/`));
    return new Map(own.map(([key, text]) => [key.slice(table.length + 1), JSON.parse(text) as T]));
  }

  async read<T>(table: Table, key: string): Promise<T | undefined> {
    return (await this.readAll<T>(table)).get(key);
  }

  async write(...writes: readonly Write[]): Promise<void> {
    this.check();
    for (const { table, key, value } of writes) {
      if (value === undefined) {
        this.tables.delete(`${table}/${key}`);
      } else {
        this.tables.set(`${table}/${key}`, JSON.stringify(value));
      }
    }
  }

  async decide(fresh: DecisionRow, ...writes: readonly Write[]): Promise<DecisionRow | 'refused'> {
    this.check();
    const key = `${fresh.agentId}/${fresh.requestId}`;
    const result = outcome(this.decisions.get(key), fresh);
    if (result === fresh) {
      this.decisions.set(key, fresh);
      await this.write(...writes);
    }
    return result;
  }

  async decision(agentId: string, requestId: string): Promise<DecisionRow | undefined> {
    return this.decisions.get(`${agentId}/${requestId}`);
  }

  async unsent(): Promise<readonly DecisionRow[]> {
    return [...this.decisions.values()].filter(({ unsent }) => unsent);
  }

  async settle(row: DecisionRow, ...writes: readonly Write[]): Promise<void> {
    this.check();
    const key = `${row.agentId}/${row.requestId}`;
    if (this.decisions.has(key)) {
      this.decisions.set(key, row);
    }
    await this.write(...writes);
  }

  async forget(agentId: string, filter: (requestId: string, expiresAt: number) => boolean): Promise<void> {
    for (const [key, row] of this.decisions) {
      if (row.agentId === agentId && filter(row.requestId, row.expiresAt)) {
        this.decisions.delete(key);
      }
    }
  }

  private check(): void {
    if (this.failing) {
      throw new Error('the disk is full');
    }
  }
}

/** A relay that answers what the test says; by itself it is an honest one with one pairing. */
export class FakeRelay {
  readonly calls: { readonly method: string; readonly path: string; readonly body: string }[] = [];
  /** Instead of the honest answer, by method and the end of the path. */
  readonly answers = new Map<string, () => Response | Promise<Response>>();
  private streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  private backlog: string[] = [];
  private count = 0;

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(String(input));
    const method = init?.method ?? 'GET';
    const path = pathname.replace('/v1', '');
    this.calls.push({ method, path, body: String(init?.body ?? '') });
    const set = [...this.answers].find(([name]) => {
      const [wanted, end = ''] = name.split(' ');
      return wanted === method && path.endsWith(end);
    });
    return (await set?.[1]()) ?? this.answer(method, path, init?.signal ?? undefined);
  };

  /** Tells an item on the streams, and on those that begin later. */
  tell(item: object, keep = true): void {
    const event = `event: request\nid: c${++this.count}\ndata: ${JSON.stringify(item)}\n\n`;
    if (keep) {
      this.backlog.push(event);
    }
    this.send(event);
  }

  /** Begins the streams anew, as after a lost connection. */
  cut(): void {
    const { streams } = this;
    this.streams = [];
    for (const stream of streams) {
      stream.close();
    }
  }

  forgetItems(): void {
    this.backlog = [];
  }

  called(method: string, end: string): readonly string[] {
    return this.calls.filter((call) => call.method === method && call.path.endsWith(end)).map(({ body }) => body);
  }

  private answer(method: string, path: string, signal: AbortSignal | undefined): Response {
    if (path === '/about') {
      return json({ time: 0 });
    }
    if (path === '/devices') {
      return json(DEVICE, 201);
    }
    if (path.endsWith('/events')) {
      return this.stream(signal);
    }
    if (path.endsWith('/device')) {
      return json({ status: 'active', paired_at: 1 });
    }
    return method === 'DELETE' ? new Response(null, { status: 204 }) : json({ state: 'responded' });
  }

  private stream(signal: AbortSignal | undefined): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.streams.push(controller);
        signal?.addEventListener('abort', () => {
          this.streams = this.streams.filter((stream) => stream !== controller);
          controller.error(new DOMException('aborted', 'AbortError'));
        });
      },
    });
    for (const event of this.backlog) {
      this.send(event);
    }
    this.send(`event: current\nid: c${++this.count}\ndata: {}\n\n`);
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  }

  private send(event: string): void {
    for (const stream of this.streams) {
      stream.enqueue(new TextEncoder().encode(event));
    }
  }
}

export function json(body: object, status = 200, headers = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

export function problem(status: number, code: string): () => Response {
  return () => json({ code }, status, { 'Retry-After': '1' });
}

const started: Core[] = [];

/** Ends what every browser of this file has started. */
export function stopAll(): void {
  for (const core of started) {
    core.stop();
  }
}

/** Tabs of one browser: the first one leads. */
export class Browser {
  readonly store = new MemoryStore();
  readonly relay = new FakeRelay();
  now = 1_800_000_000;
  private readonly handlers: ((message: TabMessage) => void)[] = [];

  async open(): Promise<Core> {
    const core = new Core(this.environment());
    started.push(core);
    await core.start();
    return core;
  }

  private environment(): Environment {
    const index = this.handlers.length;
    return {
      now: () => this.now,
      random,
      fetch: this.relay.fetch,
      page: { origin: RELAY, ios: false, installed: false, deviceName: 'Phone', version: 'test', online: () => true },
      passkeys: { possible: false, create: async () => 'failed', assert: async () => 'failed' },
      storage: {
        open: async () => this.store,
        delete: async () => undefined,
        persisted: async () => false,
        persist: async () => false,
      },
      tabs: {
        post: (message) => {
          const others = this.handlers.filter((_, i) => i !== index);
          setImmediate(() => {
            for (const handler of others) {
              handler(message);
            }
          });
        },
        listen: (handler) => {
          this.handlers[index] = handler;
        },
        lead: () => (index === 0 ? Promise.resolve() : new Promise(() => undefined)),
      },
      wakeUps: {
        permission: () => 'unsupported',
        ask: async () => 'unsupported',
        subscribe: async () => undefined,
        unsubscribe: async () => undefined,
        show: async () => undefined,
        lastAt: async () => undefined,
      },
      reload: () => undefined,
    };
  }
}

let agents = 0;

/** An agent: the other end of a pairing. */
export class FakeAgent {
  readonly pairId = `pair_${(++agents).toString(16).padStart(12, '0')}`;
  readonly link: PairingLink;
  readonly offer: PlatformOffer;
  private handshake: PlatformHandshake | undefined;
  private pairing: PlatformPairing | undefined;
  private readonly browser: Browser;

  constructor(browser: Browser, name = `agent ${agents}`, relay = RELAY) {
    this.browser = browser;
    this.offer = value(createOffer(name, 'host', random));
    this.link = offerLink(this.offer, this.pairId, relay, PAGE);
  }

  get text(): string {
    return formatLink(this.link);
  }

  /** The hello's item, once the device has joined. */
  hello(): { readonly request_id: string } & Envelope {
    const [body = '{}'] = this.browser.relay.called('PUT', `${this.pairId}/device`);
    const { payload } = JSON.parse(body) as { readonly payload: string };
    this.handshake = value(openJoin(this.offer, this.link, payload));
    return { ...this.item(requestId(), sealHello(this.handshake, random)) };
  }

  get checkCode(): string {
    return this.handshake?.keys.checkCode ?? '';
  }

  /** Pairs with the app in the tab. */
  async pair(core: Core): Promise<string> {
    core.offer(this.text);
    await core.join({ passkey: false });
    const hello = this.hello();
    this.browser.relay.tell(hello, false);
    await when(core, ({ pairing }) => pairing?.step === 'digits');
    await core.confirm();
    const { pairing } = await when(core, ({ pairing: now }) => now?.step === 'paired');
    core.endPairing();
    const [body = '{}'] = this.browser.relay.called('PUT', `${hello.request_id}/response`);
    const response = JSON.parse(body) as Envelope;
    if (this.handshake !== undefined) {
      this.pairing = value(completePairing(this.handshake, hello.request_id, response));
    }
    return pairing?.step === 'paired' ? pairing.agentId : '';
  }

  /** A question, sealed; not told yet. */
  ask(change: Partial<Question> = {}): Asked {
    const question: Question = {
      v: 1,
      intent: 'authorize',
      request_id: requestId(),
      issued_at: this.browser.now,
      expires_at: this.browser.now + 300,
      action: 'Deploy',
      severity: 'medium',
      assurance: 'tap',
      ...change,
    };
    const { pairing } = this;
    if (pairing === undefined) {
      throw new Error('not paired');
    }
    const { plaintext, envelope } = value(sealQuestion(pairing, question, random));
    return { question, plaintext, pairing, item: this.item(question.request_id, envelope) };
  }

  item(request_id: string, envelope: Envelope): { readonly request_id: string } & Envelope {
    const item = { request_id, pair_id: this.pairId, state: 'pending', ...envelope };
    return item;
  }
}

export interface Asked {
  readonly question: Question;
  readonly plaintext: Bytes;
  readonly pairing: PlatformPairing;
  readonly item: { readonly request_id: string } & Envelope;
}

/** What the agent makes of the answer that the relay got. */
export function answerTo(browser: Browser, asked: Asked): string {
  const [body = '{}'] = browser.relay.called('PUT', `${asked.question.request_id}/response`);
  const judged = judge(asked.pairing, asked.plaintext, JSON.parse(body) as Envelope, browser.now);
  return judged.ok ? judged.value.answer.decision : judged.reason;
}

let ids = 0;

export function requestId(): string {
  return `01890a5d-ac96-774b-bcce-${(++ids).toString(16).padStart(12, '0')}`;
}

/** The snapshot, as soon as it is as wanted. */
export function when(approver: Approver, wanted: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const last = () =>
      new Error(`not so within 5 s: ${JSON.stringify(approver.snapshot.pairing ?? approver.snapshot.cards)}`);
    const timer = setTimeout(() => reject(last()), 5_000);
    const look = () => {
      if (wanted(approver.snapshot)) {
        clearTimeout(timer);
        end();
        resolve(approver.snapshot);
      }
    };
    const end = approver.subscribe(look);
    look();
  });
}

export async function openCard(approver: Approver): Promise<Card> {
  const { cards } = await when(approver, (snapshot) => snapshot.cards.some(({ status }) => status === 'open'));
  const card = cards.find(({ status }) => status === 'open');
  if (card === undefined) {
    throw new Error('no card');
  }
  return card;
}

/** Lets everything run that waits for no clock. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
