import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 as noble256, sha512 } from '@noble/hashes/sha2.js';
import { type Bytes, b64, concat, equal, fromB64, hex, utf8 } from './bytes.js';
import { ensure, Refusal } from './refusal.js';

/** Gives so many random bytes. */
export type Random = (length: number) => Bytes;

export interface Envelope {
  readonly nonce: string;
  readonly ciphertext: string;
}

const NONCE_BYTES = 24;

export function sha256(...parts: readonly Bytes[]): Bytes {
  return noble256(concat(...parts));
}

export function hkdfExtract(salt: string, secret: Bytes): Bytes {
  return extract(noble256, secret, utf8(salt));
}

/** @param label ends with a zero byte on its way into the derivation */
export function hkdfExpand(key: Bytes, label: string, context: Bytes, length = 32): Bytes {
  return expand(noble256, key, concat(utf8(`${label}\0`), context), length);
}

export function sealWith(key: Bytes, nonce: Bytes, plaintext: Bytes): Bytes {
  return xchacha20poly1305(key, nonce).encrypt(plaintext);
}

export function openWith(key: Bytes, nonce: Bytes, ciphertext: Bytes): Bytes {
  try {
    return xchacha20poly1305(key, nonce).decrypt(ciphertext);
  } catch {
    throw new Refusal('seal');
  }
}

export function seal(key: Bytes, plaintext: Bytes, random: Random): Envelope {
  const nonce = random(NONCE_BYTES);
  return { nonce: b64(nonce), ciphertext: b64(sealWith(key, nonce, plaintext)) };
}

export function open(key: Bytes, envelope: Envelope): Bytes {
  const nonce = fromB64(envelope.nonce);
  const ciphertext = fromB64(envelope.ciphertext);
  ensure(nonce !== undefined && ciphertext !== undefined && nonce.length === NONCE_BYTES, 'envelope');
  return openWith(key, nonce, ciphertext);
}

/** The payload of the binding call: nonce and ciphertext in one. */
export function sealPayload(key: Bytes, plaintext: Bytes, random: Random): string {
  const nonce = random(NONCE_BYTES);
  return b64(concat(nonce, sealWith(key, nonce, plaintext)));
}

export function openPayload(key: Bytes, payload: string): Bytes {
  const whole = fromB64(payload);
  ensure(whole !== undefined && whole.length > NONCE_BYTES, 'envelope');
  return openWith(key, whole.subarray(0, NONCE_BYTES), whole.subarray(NONCE_BYTES));
}

export function x25519Public(secret: Bytes): Bytes {
  return x25519.getPublicKey(secret);
}

/** Refused if the result is zero. */
export function agree(secret: Bytes, peer: Bytes): Bytes {
  let shared: Bytes;
  try {
    shared = x25519.getSharedSecret(secret, peer);
  } catch {
    throw new Refusal('weak_key');
  }
  ensure(
    shared.some((byte) => byte !== 0),
    'weak_key',
  );
  return shared;
}

export function ed25519Public(seed: Bytes): Bytes {
  return ed25519.getPublicKey(seed);
}

export function signEd25519(seed: Bytes, message: Bytes): Bytes {
  return ed25519.sign(message, seed);
}

const { Point } = ed25519;
const FIELD = 2n ** 255n - 19n;
const ORDER = Point.Fn.ORDER;
const SMALL_ORDER_Y = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** Whether a key may stand in a join: section 6.2. */
export function isUsableEd25519(key: Bytes): boolean {
  if (key.length !== 32) {
    return false;
  }
  const y = key.slice();
  y[31] = (y[31] ?? 0) & 0x7f;
  return littleEndian(y) < FIELD && !SMALL_ORDER_Y.has(hex(y));
}

/** RFC 8032, 5.1.7, without the cofactor. The library's own verification multiplies by it, and so takes more. */
export function verifyEd25519(key: Bytes, message: Bytes, signature: Bytes): boolean {
  if (!isUsableEd25519(key) || signature.length !== 64) {
    return false;
  }
  const encodedR = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= ORDER) {
    return false;
  }
  try {
    const a = Point.fromBytes(key);
    const k = littleEndian(sha512(concat(encodedR, key, message))) % ORDER;
    // Twice zero is zero for these methods, which do not take it as a factor of every kind.
    const sb = s === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(s);
    const ka = k === 0n ? Point.ZERO : a.multiplyUnsafe(k);
    return equal(sb.subtract(ka).toBytes(), encodedR);
  } catch {
    return false; // the key is no point
  }
}

function littleEndian(bytes: Bytes): bigint {
  return BigInt(`0x${hex(bytes.slice().reverse())}`);
}
