import { isPairId, isRequestId } from '../messages/forms.js';

/**
 * What the relay answers, checked member by member: docs/protocol.md. Members that are not known are ignored. A reader
 * gives nothing for what it does not understand.
 */

export interface About {
  readonly time: number;
  /** What a browser subscribes with; absent if the relay sends no Web Push. */
  readonly vapidPublicKey?: string;
}

export interface DeviceCredentials {
  readonly deviceId: string;
  readonly deviceToken: string;
}

/** An entry of the device's list. `envelope` is there as long as the request is open. */
export interface Item {
  readonly requestId: string;
  readonly pairId: string;
  readonly envelope?: { readonly nonce: string; readonly ciphertext: string };
}

export interface Page {
  readonly items: readonly Item[];
  readonly cursor: string;
  readonly reset: boolean;
}

interface Members {
  readonly [name: string]: unknown;
}

const MAX_TIME = 2 ** 40;

export function readMembers(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMembers(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) && !value.includes('\n') ? value : undefined;
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < MAX_TIME ? value : undefined;
}

export function readAbout(json: Members): About | undefined {
  const time = timeOf(json.time);
  if (time === undefined) {
    return undefined;
  }
  const vapidPublicKey = textOf(json.vapid_public_key, /^[A-Za-z0-9_-]{87}$/);
  return { time, ...(vapidPublicKey === undefined ? {} : { vapidPublicKey }) };
}

export function readCredentials(json: Members): DeviceCredentials | undefined {
  const deviceId = textOf(json.device_id, /^dev_[0-9a-f]{12}$/);
  const deviceToken = textOf(json.device_token, /^hdt_[A-Za-z0-9_-]{43}$/);
  return deviceId === undefined || deviceToken === undefined ? undefined : { deviceId, deviceToken };
}

export function readBinding(json: Members): { readonly pairedAt: number } | undefined {
  const pairedAt = timeOf(json.paired_at);
  return json.status === 'active' && pairedAt !== undefined ? { pairedAt } : undefined;
}

/** `dropped` is an entry that must not be shown: its id would be the relay's free text. */
export function readItem(json: unknown): Item | 'dropped' | undefined {
  if (!isMembers(json) || typeof json.request_id !== 'string') {
    return undefined;
  }
  const { request_id: requestId, pair_id: pairId, state, nonce, ciphertext } = json;
  if (!isRequestId(requestId)) {
    return 'dropped';
  }
  if (typeof pairId !== 'string' || !isPairId(pairId) || typeof state !== 'string') {
    return undefined;
  }
  if (state === 'cancelled' && ciphertext === undefined) {
    return { requestId, pairId };
  }
  const fits = typeof nonce === 'string' && typeof ciphertext === 'string';
  return fits ? { requestId, pairId, envelope: { nonce, ciphertext } } : undefined;
}

/** An id of an event or a cursor: what a header can carry. */
export function readCursor(value: unknown): string | undefined {
  return textOf(value, /^[\x21-\x7e]{1,512}$/);
}

export function readPage(json: Members): Page | undefined {
  const cursor = readCursor(json.cursor);
  if (cursor === undefined || !Array.isArray(json.requests) || json.requests.length > 1_000) {
    return undefined;
  }
  const items = json.requests.map(readItem);
  if (items.includes(undefined)) {
    return undefined;
  }
  return { items: items.filter((item) => typeof item === 'object'), cursor, reset: json.reset === true };
}
