import { type Bytes, fromUtf8, utf8 } from '../messages/bytes.js';

/** A value that is sealed for its place: docs/decisions/0051. */
export interface Sealed {
  readonly iv: Bytes;
  readonly data: Bytes;
}

/** What is stored cannot be opened: the key is another one, or the bytes have changed. */
export class Damaged extends Error {}

/** A key that the browser keeps and does not export. */
export function createSealKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** @param place stands for one record, so that a sealed value counts nowhere else */
export async function seal(key: CryptoKey, place: string, value: object): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = buffer(utf8(JSON.stringify(value)));
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: buffer(utf8(place)) }, key, text);
  return { iv, data: new Uint8Array(data) };
}

export async function unseal<T>(key: CryptoKey, place: string, sealed: Sealed): Promise<T> {
  try {
    const parameters = { name: 'AES-GCM', iv: buffer(sealed.iv), additionalData: buffer(utf8(place)) };
    const text = await crypto.subtle.decrypt(parameters, key, buffer(sealed.data));
    return JSON.parse(fromUtf8(new Uint8Array(text)) ?? '') as T;
  } catch (error) {
    throw new Damaged('a stored record cannot be opened', { cause: error });
  }
}

function buffer(bytes: Bytes): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
