import { parseAddress } from './address.js';
import { type Bytes, b64, concat, utf8 } from './bytes.js';
import { agree, hkdfExpand, hkdfExtract, isUsableEd25519, sha256 } from './crypto.js';
import { isName } from './forms.js';
import { type Json, MemberReader } from './json.js';
import { linkPart, type PairingLink } from './link.js';
import { pad, readPadded, SIZES } from './padding.js';
import { isPermitted, type Passkey } from './passkey.js';
import { ensure } from './refusal.js';

/** J of docs/messages.md, section 4.2. `plaintext` is the padded bytes. */
export interface Join {
  readonly name: string;
  readonly x25519: Bytes;
  readonly ed25519: Bytes;
  readonly appOrigin?: string;
  readonly passkeys: readonly Passkey[];
  readonly plaintext: Bytes;
}

/** H of section 4.3. */
export interface Hello {
  readonly name: string;
  readonly host: string;
  readonly x25519: Bytes;
  readonly plaintext: Bytes;
}

/** Section 4.4. */
export interface PairingKeys {
  readonly transcript: Bytes;
  readonly questionKey: Bytes;
  readonly answerKey: Bytes;
  readonly checkCode: string;
}

export function createJoin(parts: Omit<Join, 'plaintext'>): Join {
  const passkeys = parts.passkeys.map(({ alg, key, be }): Json => ({ alg, key: b64(key), be }));
  const { name, x25519, ed25519, appOrigin } = parts;
  return readJoin(
    pad({ v: 1, name, x25519: b64(x25519), ed25519: b64(ed25519), app_origin: appOrigin, passkeys }, SIZES.join),
  );
}

export function readJoin(plaintext: Bytes): Join {
  const json: MemberReader = new MemberReader(readPadded(plaintext, SIZES.join), 'join_member');
  json.ensure(json.integer('v') === 1);
  const name = json.text('name');
  json.ensure(isName(name));
  const x25519 = json.bytes('x25519', 32);
  const ed25519 = json.bytes('ed25519', 32);
  const appOrigin = json.optional('app_origin', (member) => json.text(member));
  const origin = appOrigin === undefined ? undefined : parseAddress(appOrigin);
  json.ensure(appOrigin === undefined || origin?.path === '');
  const list = json.list('passkeys');
  json.ensure(list.length <= 4);
  json.end();
  const passkeys = list.map(readPasskey);
  json.ensure(
    passkeys.length === 0 || (origin !== undefined && origin.secure && origin.named && !origin.host.endsWith('.local')),
  );
  ensure(passkeys.every(isPermitted), 'passkey_key');
  ensure(isUsableEd25519(ed25519), 'weak_key');
  return { name, x25519, ed25519, ...(appOrigin === undefined ? {} : { appOrigin }), passkeys, plaintext };
}

function readPasskey(value: Json): Passkey {
  const json: MemberReader = new MemberReader(value, 'join_member');
  const alg = json.text('alg');
  const key = json.bytes('key');
  const be = json.flag('be');
  json.end();
  json.ensure(alg === 'ES256' || alg === 'RS256');
  return { alg, key, be };
}

export function createHello(name: string, host: string, x25519: Bytes): Hello {
  return readHello(pad({ v: 1, name, host, x25519: b64(x25519) }, SIZES.hello));
}

export function readHello(plaintext: Bytes): Hello {
  const json: MemberReader = new MemberReader(readPadded(plaintext, SIZES.hello), 'hello_member');
  json.ensure(json.integer('v') === 1);
  const name = json.text('name');
  const host = json.text('host');
  json.ensure(isName(name) && isName(host));
  const x25519 = json.bytes('x25519', 32);
  json.end();
  return { name, host, x25519, plaintext };
}

/** C. */
export function commitmentTo(hello: Bytes): Bytes {
  return sha256(utf8('harp-v1 commit\0'), hello);
}

/** Kj and Kh of section 4.1. */
export function keysOfSecret(link: PairingLink): { readonly join: Bytes; readonly hello: Bytes } {
  const key = hkdfExtract('harp-v1-pair', link.secret);
  const context = linkPart(link.relay, link.pairId, link.commitment);
  return { join: hkdfExpand(key, 'harp-v1 join', context), hello: hkdfExpand(key, 'harp-v1 hello', context) };
}

/** T, from what both sides keep. */
export function transcriptOf(relay: string, pairId: string, join: Join, hello: Hello): Bytes {
  const parts = [linkPart(relay, pairId, commitmentTo(hello.plaintext)), join.plaintext, hello.plaintext];
  const framed = parts.flatMap((part) => [lengthOf(part), part]);
  return sha256(utf8('harp-v1 pairing\0'), ...framed);
}

function lengthOf(part: Bytes): Bytes {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, part.length);
  return length;
}

export function derivePairing(
  link: PairingLink,
  join: Join,
  hello: Hello,
  ownSecret: Bytes,
  peerKey: Bytes,
): PairingKeys {
  const shared = agree(ownSecret, peerKey);
  const transcript = transcriptOf(link.relay, link.pairId, join, hello);
  const key = hkdfExtract('harp-v1-enc', concat(shared, link.secret));
  const check = hkdfExpand(key, 'harp-v1 check', transcript, 8);
  const number = new DataView(check.buffer, check.byteOffset, 8).getBigUint64(0);
  return {
    transcript,
    questionKey: hkdfExpand(key, 'harp-v1 question', transcript),
    answerKey: hkdfExpand(key, 'harp-v1 answer', transcript),
    checkCode: (number % 1_000_000n).toString().padStart(6, '0'),
  };
}
