import { p256 } from '@noble/curves/nist.js';
import { type Bytes, concat, equal, fromHex, hex } from './bytes.js';
import { sha256 } from './crypto.js';

export type Algorithm = 'ES256' | 'RS256';

/** A passkey that a join names. `be`: it may leave its authenticator. */
export interface Passkey {
  readonly alg: Algorithm;
  readonly key: Bytes;
  readonly be: boolean;
}

const P256_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200');
const RSA_ALGORITHM = fromHex('300d06092a864886f70d0101010500');
const RSA_EXPONENT = fromHex('0203010001');
const SHA256_INFO = fromHex('3031300d060960864801650304020105000420');
const EXPONENT = 65_537n;

/** Whether the key is of a permitted kind, in its one encoding: section 4.2. */
export function isPermitted(passkey: Passkey): boolean {
  return passkey.alg === 'ES256' ? p256Point(passkey.key) !== undefined : rsaModulus(passkey.key) !== undefined;
}

export function verifyPasskey(passkey: Passkey, message: Bytes, signature: Bytes): boolean {
  return passkey.alg === 'ES256'
    ? verifyEs256(passkey.key, message, signature)
    : verifyRs256(passkey.key, message, signature);
}

function p256Point(key: Bytes): Bytes | undefined {
  const point = key.subarray(P256_PREFIX.length);
  if (!equal(key.subarray(0, P256_PREFIX.length), P256_PREFIX) || point.length !== 65 || point[0] !== 4) {
    return undefined;
  }
  try {
    p256.Point.fromBytes(point).assertValidity();
    return point;
  } catch {
    return undefined;
  }
}

function verifyEs256(key: Bytes, message: Bytes, signature: Bytes): boolean {
  const point = p256Point(key);
  if (point === undefined) {
    return false;
  }
  try {
    return p256.verify(signature, message, point, { format: 'der', lowS: false });
  } catch {
    return false; // no DER
  }
}

/** The modulus, if writing it again in DER gives the same key. */
function rsaModulus(key: Bytes): bigint | undefined {
  // SEQUENCE, algorithm, BIT STRING without unused bits, SEQUENCE, INTEGER: every length of such a key takes two bytes.
  const head = /^3082.{4}300d06092a864886f70d01010105000382.{4}003082.{4}0282.{4}/.exec(hex(key));
  if (head === null) {
    return undefined;
  }
  const modulusBytes = key.subarray(head[0].length / 2, key.length - RSA_EXPONENT.length);
  const modulus = toNumber(modulusBytes);
  const bits = modulus.toString(2).length;
  const integer = der(
    0x02,
    concat(Uint8Array.of(...(bits % 8 === 0 ? [0] : [])), toBytes(modulus, Math.ceil(bits / 8))),
  );
  const publicKey = der(0x30, concat(integer, RSA_EXPONENT));
  const spki = der(0x30, concat(RSA_ALGORITHM, der(0x03, concat(Uint8Array.of(0), publicKey))));
  return equal(spki, key) && bits >= 2_048 && bits <= 4_096 ? modulus : undefined;
}

/** RSASSA-PKCS1-v1_5: the one encoding of the digest is compared, and nothing is parsed. */
function verifyRs256(key: Bytes, message: Bytes, signature: Bytes): boolean {
  const modulus = rsaModulus(key);
  if (modulus === undefined) {
    return false;
  }
  const length = Math.ceil(modulus.toString(2).length / 8);
  const s = toNumber(signature);
  if (signature.length !== length || s >= modulus) {
    return false;
  }
  const digest = concat(SHA256_INFO, sha256(message));
  const fill = new Uint8Array(length - digest.length - 3).fill(0xff);
  const expected = concat(Uint8Array.of(0, 1), fill, Uint8Array.of(0), digest);
  return equal(toBytes(power(s, EXPONENT, modulus), length), expected);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let factor = base % modulus, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) {
      result = (result * factor) % modulus;
    }
    factor = (factor * factor) % modulus;
  }
  return result;
}

function der(tag: number, content: Bytes): Bytes {
  const n = content.length;
  const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff];
  return concat(Uint8Array.of(tag, ...length), content);
}

function toNumber(bytes: Bytes): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${hex(bytes)}`);
}

function toBytes(value: bigint, length: number): Bytes {
  return fromHex(value.toString(16).padStart(2 * length, '0'));
}
