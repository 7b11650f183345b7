import type { Bytes } from './bytes.js';
import { type Json, type JsonObject, readJson, writeJson } from './json.js';
import { ensure, Refusal } from './refusal.js';

const SPACE = 0x20;

/** The sizes of docs/messages.md, section 3.2. */
export const SIZES = {
  join: [4_096],
  hello: [2_048],
  question: [2_048, 4_096, 8_192, 16_384, 32_768, 49_136],
  response: [4_096],
  collectResponse: [12_272],
} as const satisfies Record<string, readonly number[]>;

export function pad(value: { readonly [name: string]: Json | undefined }, sizes: readonly number[]): Bytes {
  const text = writeJson(value);
  const size = sizes.find((candidate) => text.length <= candidate);
  if (size === undefined) {
    throw new Refusal('too_long');
  }
  const padded = new Uint8Array(size).fill(SPACE);
  padded.set(text);
  return padded;
}

export function readPadded(padded: Bytes, sizes: readonly number[]): JsonObject {
  let length = padded.length;
  while (length > 0 && padded[length - 1] === SPACE) {
    length--;
  }
  ensure(padded.length === sizes.find((size) => length <= size), 'padding');
  return readJson(padded.subarray(0, length));
}
