import { parseAddress } from './address.js';
import { type Bytes, b64, concat, equal, utf8 } from './bytes.js';
import { sha256 } from './crypto.js';
import { type Json, type MemberReader, readAnyJson } from './json.js';
import type { Join } from './pairing.js';
import { verifyPasskey } from './passkey.js';
import type { Assurance } from './question.js';
import { ensure } from './refusal.js';

/** What a passkey signed beside an answer, as the browser gives it. */
export interface Assertion {
  readonly data: Bytes;
  readonly client: Bytes;
  readonly signature: Bytes;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;

export function writeAssertion({ data, client, signature }: Assertion): Json {
  return { data: b64(data), client: b64(client), signature: b64(signature) };
}

export function readAssertion(json: MemberReader): Assertion {
  const assertion = { data: json.bytes('data'), client: json.bytes('client'), signature: json.bytes('signature') };
  json.end();
  return assertion;
}

/** What the assertion proves for this challenge: docs/messages.md, section 8.1. */
export function verifyAssertion(assertion: Assertion, join: Join, challenge: Bytes): Assurance {
  const { data, client, signature } = assertion;
  const told = readAnyJson(client);
  ensure(
    told !== undefined &&
      told.type === 'webauthn.get' &&
      told.challenge === b64(challenge) &&
      join.appOrigin !== undefined &&
      told.origin === join.appOrigin &&
      (told.crossOrigin === undefined || told.crossOrigin === false),
    'passkey_client',
  );
  const host = parseAddress(join.appOrigin)?.host ?? '';
  const flags = data[32] ?? 0;
  ensure(
    data.length >= 37 &&
      equal(data.subarray(0, 32), sha256(utf8(host))) &&
      (flags & USER_PRESENT) !== 0 &&
      (flags & USER_VERIFIED) !== 0,
    'passkey_data',
  );
  const signed = concat(data, sha256(client));
  const signer = join.passkeys.find((passkey) => verifyPasskey(passkey, signed, signature));
  ensure(signer !== undefined, 'passkey_signature');
  ensure(signer.be === ((flags & BACKUP_ELIGIBLE) !== 0), 'passkey_backup');
  return signer.be ? 'biometric' : 'elevated';
}
