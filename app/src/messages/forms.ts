import { utf8 } from './bytes.js';

/** The forms of short texts. Lengths are bytes of UTF-8. */

export function isWithin(text: string, least: number, most: number): boolean {
  const length = utf8(text).length;
  return length >= least && length <= most;
}

/** The name of a platform, a host or a device. */
export function isName(text: string): boolean {
  return isWithin(text, 1, 64) && !/[\u0000-\u001f\u007f-\u009f]/.test(text);
}

export function isPairId(text: string): boolean {
  return /^pair_[0-9a-f]{12}$/.test(text) && text.length === 17;
}

/** A UUIDv7 in lower case. */
export function isRequestId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
}

export function isIdentifier(text: string): boolean {
  return /^[a-z0-9_]{1,64}$/.test(text);
}

export function isNumber(text: string): boolean {
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text) && text.length <= 64;
}
