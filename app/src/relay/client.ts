import type { Envelope } from '../messages/index.js';
import {
  type About,
  type DeviceCredentials,
  type Page,
  readAbout,
  readBinding,
  readCredentials,
  readMembers,
  readPage,
} from './answers.js';

/** Why a call has no answer that can be used. */
export type Failure =
  /** No answer, or none in time. Whether the call took effect is unknown. */
  | { readonly kind: 'unreachable' }
  /** An answer that the protocol does not know. */
  | { readonly kind: 'nonsense' }
  /** The relay refused. `retryAfter` is in seconds; it is there exactly if the call may be repeated unchanged. */
  | { readonly kind: 'problem'; readonly status: number; readonly code: string; readonly retryAfter?: number };

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

interface Call<T> {
  readonly method?: string;
  readonly token?: string;
  readonly body?: object;
  readonly read: (json: { readonly [name: string]: unknown }) => T | undefined;
  readonly timeout?: number;
  readonly most?: number;
  readonly signal?: AbortSignal;
}

/** Milliseconds for a call that does not wait. */
const TIMEOUT = 20_000;
const MOST = 65_536;
/** A list of 1,048,576 characters of ciphertext, and what stands around them. */
const MOST_OF_LIST = 2_097_152;

/** The calls of docs/protocol.md that a device makes. An answer is bounded in size and time. */
export class RelayClient {
  readonly relay: string;
  readonly fetch: typeof fetch;

  constructor(relay: string, fetcher: typeof fetch) {
    this.relay = relay;
    this.fetch = fetcher;
  }

  about(): Promise<Outcome<About>> {
    return this.call('/v1/about', { read: readAbout });
  }

  register(): Promise<Outcome<DeviceCredentials>> {
    return this.call('/v1/devices', { method: 'POST', body: {}, read: readCredentials });
  }

  setPushToken(device: DeviceCredentials, pushToken: string | null): Promise<Outcome<true>> {
    return this.call(`/v1/devices/${device.deviceId}`, {
      method: 'PATCH',
      token: device.deviceToken,
      body: { push_token: pushToken },
      read: () => true,
    });
  }

  bind(
    device: DeviceCredentials,
    pairId: string,
    secretHash: string,
    payload: string,
  ): Promise<Outcome<{ readonly pairedAt: number }>> {
    return this.call(`/v1/pairs/${pairId}/device`, {
      method: 'PUT',
      token: device.deviceToken,
      body: { secret_hash: secretHash, payload },
      read: readBinding,
    });
  }

  revoke(device: DeviceCredentials, pairId: string): Promise<Outcome<true>> {
    return this.call(`/v1/pairs/${pairId}`, { method: 'DELETE', token: device.deviceToken, read: () => true });
  }

  respond(device: DeviceCredentials, requestId: string, response: Envelope): Promise<Outcome<true>> {
    return this.call(`/v1/requests/${requestId}/response`, {
      method: 'PUT',
      token: device.deviceToken,
      body: { nonce: response.nonce, ciphertext: response.ciphertext },
      read: (json) => (json.state === 'responded' ? true : undefined),
    });
  }

  /** @param wait seconds, 0 to 540 */
  list(
    device: DeviceCredentials,
    after: string | undefined,
    wait: number,
    signal: AbortSignal,
  ): Promise<Outcome<Page>> {
    const query = new URLSearchParams({ wait: String(wait), ...(after === undefined ? {} : { after }) });
    return this.call(`/v1/devices/${device.deviceId}/requests?${query.toString()}`, {
      token: device.deviceToken,
      read: readPage,
      timeout: TIMEOUT + wait * 1_000,
      most: MOST_OF_LIST,
      signal,
    });
  }

  /** The answer whose body is the device's stream of events, or why there is none. The signal also ends the body. */
  async stream(
    device: DeviceCredentials,
    lastEventId: string | undefined,
    signal: AbortSignal,
  ): Promise<Outcome<ReadableStream<Uint8Array>>> {
    const headers = { ...bearer(device.deviceToken), ...(lastEventId ? { 'Last-Event-ID': lastEventId } : {}) };
    const url = `${this.relay}/v1/devices/${device.deviceId}/events`;
    try {
      const response = await this.fetch(url, { ...PLAIN, headers, signal });
      if (!response.ok) {
        return refused(response, await readBounded(response, MOST));
      }
      const type = response.headers.get('Content-Type') ?? '';
      if (!type.startsWith('text/event-stream') || response.body === null) {
        await response.body?.cancel();
        return NONSENSE;
      }
      return { ok: true, value: response.body };
    } catch {
      return UNREACHABLE;
    }
  }

  private async call<T>(path: string, call: Call<T>): Promise<Outcome<T>> {
    const deadline = new AbortController();
    const abort = () => deadline.abort();
    const timer = setTimeout(abort, call.timeout ?? TIMEOUT);
    call.signal?.addEventListener('abort', abort);
    const { signal } = deadline;
    const headers = {
      ...(call.token === undefined ? {} : bearer(call.token)),
      ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    };
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
    try {
      const init = { ...PLAIN, method: call.method ?? 'GET', headers, signal, ...body };
      const response = await this.fetch(this.relay + path, init);
      const text = await readBounded(response, call.most ?? MOST);
      if (!response.ok) {
        return refused(response, text);
      }
      const json = response.status === 204 ? {} : readMembers(text ?? '');
      const value = json === undefined ? undefined : call.read(json);
      return value === undefined ? NONSENSE : { ok: true, value };
    } catch {
      return UNREACHABLE;
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', abort);
    }
  }
}

/** Nothing but what the call says goes to the relay, and an answer is that of the relay and of nobody else. */
const PLAIN: RequestInit = {
  cache: 'no-store',
  credentials: 'omit',
  referrerPolicy: 'no-referrer',
  redirect: 'error',
};
const UNREACHABLE = { ok: false, failure: { kind: 'unreachable' } } as const;
const NONSENSE = { ok: false, failure: { kind: 'nonsense' } } as const;

function bearer(token: string): { readonly Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}

const RETRYABLE = [408, 429, 500, 502, 503, 504];
const LONGEST_PAUSE = 600;

function refused(response: Response, text: string | undefined): { readonly ok: false; readonly failure: Failure } {
  const { status } = response;
  const code = readMembers(text ?? '')?.code;
  const problem = { kind: 'problem', status, code: typeof code === 'string' ? code : '' } as const;
  if (!RETRYABLE.includes(status)) {
    // Without a code it is the word of something on the way, such as a captive portal, and ends nothing.
    return problem.code === '' || status < 400 ? NONSENSE : { ok: false, failure: problem };
  }
  const asked = Number(response.headers.get('Retry-After') ?? '1');
  const retryAfter = Number.isFinite(asked) ? Math.min(Math.max(asked, 1), LONGEST_PAUSE) : 1;
  return { ok: false, failure: { ...problem, retryAfter } };
}

/** The text, or nothing if it is longer than that many bytes or no UTF-8. */
async function readBounded(response: Response, most: number): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    return '';
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    length += value?.length ?? 0;
    if (length > most) {
      await reader.cancel();
      return undefined;
    }
    try {
      text += decoder.decode(value, { stream: !done });
    } catch {
      await reader.cancel();
      return undefined;
    }
    if (done) {
      return text;
    }
  }
}
