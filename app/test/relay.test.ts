import assert from 'node:assert/strict';
import { describe, type Mock, mock, test } from 'node:test';
import { Feed, type FeedEvent, RelayClient } from '../src/relay/index.js';

/** Answers of a relay that is broken or hostile, and the feed with a clock that is moved by hand. */

const DEVICE = { deviceId: 'dev_0123456789ab', deviceToken: `hdt_${'a'.repeat(43)}` };
const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const PAIR = 'pair_0123456789ab';

type Answerer = (url: string, init: RequestInit) => Response | Promise<Response>;

function client(answer: Answerer): RelayClient {
  return new RelayClient('https://relay.example.org', async (input, init) => answer(String(input), init ?? {}));
}

const json = (body: unknown, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const item = (change = {}) => ({
  request_id: ID,
  pair_id: PAIR,
  state: 'pending',
  nonce: 'n',
  ciphertext: 'c',
  ...change,
});
const never = new AbortController().signal;

/** Never resolves; ends as `fetch` does when its signal is aborted. */
const hang: Answerer = (_, init) =>
  new Promise((_, reject) => {
    init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
  });

/** A stream that tells this and does not end. */
function stream(text: string): Response {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
  });
  return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
}

describe('answers', () => {
  test('an endless body is given up', async () => {
    let sent = 0;
    let cancelled = false;
    const body = new ReadableStream({
      pull: (controller) => {
        sent += 8_192;
        controller.enqueue(new Uint8Array(8_192).fill(0x20));
      },
      cancel: () => {
        cancelled = true;
      },
    });
    assert.deepEqual(await client(() => new Response(body)).about(), { ok: false, failure: { kind: 'nonsense' } });
    assert.ok(cancelled && sent < 200_000, `${sent} bytes read`);
  });

  for (const [what, answer] of Object.entries({
    'no JSON': () => new Response('<html>'),
    'no object': () => json([1]),
    'no time': () => json({}),
    'a fraction as time': () => json({ time: 1.5 }),
    'a redirection': () => new Response(null, { status: 302, headers: { Location: 'https://example.org/' } }),
    'no UTF-8': () => new Response(Uint8Array.of(0xff)),
  })) {
    test(`about: ${what} is nonsense`, async () => {
      assert.deepEqual(await client(answer).about(), { ok: false, failure: { kind: 'nonsense' } });
    });
  }

  test('a key that no browser can subscribe with is left out', async () => {
    const about = await client(() => json({ time: 1, vapid_public_key: 'short' })).about();
    assert.deepEqual(about, { ok: true, value: { time: 1 } });
  });

  test('credentials of another form are refused', async () => {
    const answer = { device_id: 'dev_0123456789ab/../x', device_token: DEVICE.deviceToken };
    assert.equal((await client(() => json(answer)).register()).ok, false);
  });

  test('a problem has its code, and a pause that is bounded', async () => {
    const limited = () => json({ code: 'rate_limited' }, 429, { 'Retry-After': '999999' });
    const failure = { kind: 'problem', status: 429, code: 'rate_limited', retryAfter: 600 };
    assert.deepEqual(await client(limited).about(), { ok: false, failure });
    const conflict = await client(() => json({ code: 'another' }, 409)).about();
    assert.deepEqual(conflict, { ok: false, failure: { kind: 'problem', status: 409, code: 'another' } });
  });

  test('a refusal without a code is not the relay\u2019s', async () => {
    for (const status of [401, 403, 404, 410]) {
      const answer = await client(() => new Response('<html>Log in</html>', { status })).about();
      assert.deepEqual(answer, { ok: false, failure: { kind: 'nonsense' } });
    }
    const gateway = await client(() => new Response('<html>', { status: 502 })).about();
    assert.deepEqual(gateway, { ok: false, failure: { kind: 'problem', status: 502, code: '', retryAfter: 1 } });
  });

  test('an answer that does not come is given up after its time', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const answer = client(hang).about();
    await flush();
    context.mock.timers.tick(20_000);
    assert.deepEqual(await answer, { ok: false, failure: { kind: 'unreachable' } });
  });

  test('an entry whose id is free text is dropped, and a malformed one spoils the list', async () => {
    const page = (...requests: readonly unknown[]) =>
      client(() => json({ requests, cursor: 'c1' })).list(DEVICE, undefined, 0, never);
    const dropped = await page(item({ request_id: 'Approve this at once' }), item());
    assert.deepEqual(dropped.ok && dropped.value.items.length, 1);
    assert.equal((await page(item({ request_id: ID.toUpperCase() }))).ok, true);
    assert.equal((await page(item({ pair_id: 'x' }))).ok, false);
    assert.equal((await page(item({ ciphertext: 5 }))).ok, false);
    assert.equal((await page('x')).ok, false);
    assert.equal(
      (await client(() => json({ requests: [], cursor: 'a\r\nb' })).list(DEVICE, undefined, 0, never)).ok,
      false,
    );
  });
});

describe('the feed', () => {
  test('attack: a relay that never stops telling is read no faster than what it tells is dealt with', async () => {
    const event = new TextEncoder().encode(`event: request\nid: c1\ndata: ${JSON.stringify(item())}\n\n`);
    let sent = 0;
    const flood: Answerer = (_, init) => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          init.signal?.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')));
        },
        pull: (controller) => {
          if (sent++ < 1_000) {
            controller.enqueue(event);
          }
        },
      });
      return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
    };
    const dealt: (() => void)[] = [];
    const listener = {
      event: ({ kind }: FeedEvent) =>
        kind === 'reset' ? Promise.resolve() : new Promise<void>((resolve) => dealt.push(resolve)),
      connection: () => undefined,
      unknownDevice: () => undefined,
    };
    const feed = new Feed(client(flood), DEVICE, listener, () => 0.5);
    void feed.run();
    for (const items of [1, 2, 3]) {
      await flush();
      assert.equal(dealt.length, items);
      assert.ok(sent <= items + 2, `${sent} were read`);
      dealt.at(-1)?.();
    }
    feed.stop();
  });

  test('tells what the stream tells, and goes on after the last id', async (context) => {
    const { calls, events, feed } = feeding(context, [
      (_, init) =>
        abortable(
          stream(
            [
              'retry: 2000',
              `event: request\nid: c1\ndata: ${JSON.stringify(item())}`,
              'event: other\ndata: ignored',
              ': heartbeat',
              'event: current\nid: c2\ndata: {}\n\n',
            ].join('\n\n'),
          ),
          init,
        ),
    ]);
    await flush();
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['reset', 'item', 'current'],
    );
    feed.wake(true);
    await flush();
    context.mock.timers.tick(3_000);
    await flush();
    assert.equal(new Headers(calls.at(-1)?.init.headers).get('Last-Event-ID'), 'c2');
    feed.stop();
  });

  for (const [what, text] of Object.entries({
    'an entry that is no object': 'event: request\nid: c1\ndata: 5\n\n',
    'an id that no header can carry': 'event: current\nid: \u00e4\ndata: {}\n\n',
    'an event without an end': `event: request\ndata: ${'x'.repeat(300_000)}`,
  })) {
    test(`${what} ends the stream, and the next one comes later`, async (context) => {
      const { calls, connections, feed } = feeding(context, [() => stream(text)]);
      await flush();
      assert.equal(connections.at(-1), 'nonsense');
      context.mock.timers.tick(14_000);
      await flush();
      assert.equal(calls.length, 1);
      context.mock.timers.tick(9_000);
      await flush();
      assert.equal(calls.length, 2);
      feed.stop();
    });
  }

  test('polls where a stream brings nothing, and reads a list that is cut to its end', async (context) => {
    const { calls, events, feed } = feeding(context, [
      hang,
      () => json({ requests: [item()], cursor: 'c1' }),
      () => json({ requests: [], cursor: 'c1' }),
    ]);
    for (let second = 0; second < 13; second++) {
      await flush();
      context.mock.timers.tick(1_000);
    }
    await flush();
    context.mock.timers.tick(1_000);
    await flush();
    context.mock.timers.tick(1_000);
    await flush();
    assert.deepEqual(
      calls.map(({ url }) => url.replace(/^.*dev_0123456789ab/, '')),
      ['/events', '/requests?wait=0', '/requests?wait=0&after=c1', '/requests?wait=50&after=c1'],
    );
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['reset', 'item', 'current'],
    );
    feed.stop();
  });

  test('a silent stream is begun anew', async (context) => {
    const { calls, feed } = feeding(context, [(_, init) => abortable(stream(': begun\n\n'), init)]);
    for (let second = 0; second < 64; second++) {
      await flush();
      context.mock.timers.tick(1_000);
    }
    await flush();
    assert.ok(calls.length >= 2);
    assert.ok(calls.every(({ url }) => url.endsWith('/events')));
    feed.stop();
  });

  test('a device that is not known ends the feed', async (context) => {
    const { calls, unknown } = feeding(context, [() => json({ code: 'unauthorized' }, 401)]);
    await flush();
    context.mock.timers.tick(100_000);
    await flush();
    assert.equal(calls.length, 1);
    assert.equal(unknown.mock.callCount(), 1);
  });

  test('waits as long as the relay asks for, unless the page is seen again', async (context) => {
    const drained = () => json({ code: 'shutting_down' }, 503, { 'Retry-After': '30' });
    const { calls, connections, feed } = feeding(context, [drained, drained]);
    await flush();
    assert.equal(connections.at(-1), 'draining');
    context.mock.timers.tick(29_000);
    await flush();
    assert.equal(calls.length, 1);
    feed.wake(false);
    await flush();
    assert.equal(calls.length, 2);
    feed.stop();
  });
});

interface Feeding {
  readonly calls: { readonly url: string; readonly init: RequestInit }[];
  readonly events: FeedEvent[];
  readonly connections: string[];
  readonly unknown: Mock<() => void>;
  readonly feed: Feed;
}

/** A feed that runs; it gets these answers, and then none. */
function feeding(context: { readonly mock: typeof mock }, answers: readonly Answerer[]): Feeding {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const calls: Feeding['calls'] = [];
  const relay = client((url, init) => {
    calls.push({ url, init });
    return (answers[calls.length - 1] ?? hang)(url, init);
  });
  const events: FeedEvent[] = [];
  const connections: string[] = [];
  const unknown = mock.fn(() => undefined);
  const listener = {
    event: async (event: FeedEvent) => void events.push(event),
    connection: (connection: string) => void connections.push(connection),
    unknownDevice: unknown,
  };
  const feed = new Feed(relay, DEVICE, listener, () => 0.5);
  void feed.run();
  return { calls, events, connections, unknown, feed };
}

/** A body that fails when the signal is aborted, as that of `fetch` does. */
function abortable(answer: Response, init: RequestInit): Response {
  const body = new ReadableStream({
    async start(controller) {
      init.signal?.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')));
      const { value } = (await answer.body?.getReader().read()) ?? {};
      controller.enqueue(value);
    },
  });
  return new Response(body, { headers: answer.headers });
}

/** Lets everything run that waits for no clock. */
async function flush(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
