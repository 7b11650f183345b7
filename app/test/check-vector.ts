import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readJws } from '../src/messages/answer.js';
import { type Bytes, b64, concat, equal, fromB64, fromHex, fromUtf8, hex, utf8 } from '../src/messages/bytes.js';
import { type Envelope, isUsableEd25519, seal, verifyEd25519 } from '../src/messages/crypto.js';
import { type DeviceJoin, type DevicePairing, openHello, openQuestion, secretHash } from '../src/messages/device.js';
import { readJson } from '../src/messages/json.js';
import { formatLink, type PairingLink, parseLink } from '../src/messages/link.js';
import {
  commitmentTo,
  derivePairing,
  keysOfSecret,
  readHello,
  readJoin,
  transcriptOf,
} from '../src/messages/pairing.js';
import {
  completePairing,
  judge,
  openJoin,
  type PlatformHandshake,
  type PlatformOffer,
} from '../src/messages/platform.js';
import { writeQuestion } from '../src/messages/question.js';
import { verifyReceipt } from '../src/messages/receipt.js';
import { attempt, ensure, type Reason, Refusal, type Result } from '../src/messages/refusal.js';
import { isBehind, isInTime, judgeTimes } from '../src/messages/state.js';

interface Plaintext {
  readonly json: string;
  readonly size: number;
}

/** A vector of src/test/resources/messages: which members there are follows from its kind. */
export interface Vector {
  readonly kind: string;
  readonly name: string;
  readonly refused?: Reason;
  readonly [member: string]: unknown;
}

/** Runs one vector. What a valid one promises is asserted here. */
export function checkVector(vector: Vector): Result<unknown> {
  const check = CHECKS[vector.kind];
  assert.ok(check, vector.kind);
  return check(vector);
}

const CHECKS: { readonly [kind: string]: (vector: Vector) => Result<unknown> } = {
  link: (vector) => {
    const result = parseLink(text(vector, 'link'), vector.http === true);
    if (result.ok) {
      const link = result.value;
      assert.equal(link.page, vector.page);
      assert.equal(link.relay, vector.relay);
      assert.equal(link.pairId, vector.pair_id);
      assert.equal(b64(link.secret), vector.secret);
      assert.equal(b64(link.commitment), vector.commitment);
      assert.equal(formatLink(link), vector.link);
    }
    return result;
  },

  keys: (vector) =>
    attempt(() => {
      const link = linkOf(vector);
      const join = readJoin(plaintext(vector, 'join'));
      const hello = readHello(plaintext(vector, 'hello'));
      const secrets = keysOfSecret(link);
      const device = derivePairing(link, join, hello, bytes(vector, 'device_x25519_secret'), hello.x25519);
      const platform = derivePairing(link, join, hello, bytes(vector, 'platform_x25519_secret'), join.x25519);
      assert.deepEqual(device, platform);
      assert.equal(secretHash(link.secret), vector.secret_hash);
      assert.equal(b64(commitmentTo(hello.plaintext)), vector.commitment);
      assert.equal(b64(secrets.join), vector.join_key);
      assert.equal(b64(secrets.hello), vector.hello_key);
      assert.equal(b64(device.transcript), vector.pair);
      assert.equal(b64(device.questionKey), vector.question_key);
      assert.equal(b64(device.answerKey), vector.answer_key);
      assert.equal(device.checkCode, vector.check_code);
    }),

  payload: (vector) => {
    const { offer, link } = fixture('tap');
    const result = openJoin(offer, link, text(vector, 'payload'));
    if (result.ok) {
      assert.ok(equal(result.value.join.plaintext, plaintext(vector, 'join')));
      assert.equal(b64(result.value.keys.transcript), vector.pair);
    }
    return result;
  },

  hello: (vector) => {
    const { started } = fixture('tap');
    const link = vector.link === undefined ? started.link : linkOf(vector);
    const result = openHello({ ...started, link }, 'any', envelope(vector));
    if (result.ok) {
      assert.ok(equal(result.value.hello.plaintext, plaintext(vector, 'hello')));
      assert.equal(b64(result.value.keys.transcript), vector.pair);
    }
    return result;
  },

  paired: (vector) => completePairing(fixture('tap').handshake, text(vector, 'request_id'), envelope(vector)),

  json: (vector) =>
    attempt(() => readJson(vector.hex === undefined ? utf8(text(vector, 'text')) : fromHex(text(vector, 'hex')))),

  question: (vector) => {
    const { pairing } = fixture('tap');
    const padded = plaintext(vector, 'plaintext');
    const sealed = seal(pairing.questionKey, padded, (length) => new Uint8Array(length));
    const result = openQuestion(pairing, text(vector, 'request_id'), sealed);
    if (result.ok) {
      const received = result.value;
      assert.equal(b64(received.digest), vector.digest);
      assert.deepEqual(
        received.understood ? [] : [...received.unknown].sort(),
        [...(vector.unknown as string[])].sort(),
      );
      if (received.understood) {
        assert.ok(equal(writeQuestion(received.question), padded));
      }
    }
    return result;
  },

  answer: (vector) => {
    const { pairing } = fixture(text(vector, 'pairing'));
    const question = plaintext(vector, 'question');
    const result = judge(pairing, question, envelope(vector), vector.arrived_at as number);
    if (result.ok) {
      assert.equal(result.value.answer.decision, vector.decision);
      assert.equal(result.value.assurance, vector.assurance);
      assert.equal(result.value.clockDiffers, vector.clock_differs);
      assert.equal(fromUtf8(readJws(result.value.response.answer).payload), vector.answer);
    }
    return result;
  },

  ed25519: (vector) =>
    attempt(() => {
      const [key, message, signature] = ['public_key', 'message', 'signature'].map((name) =>
        fromHex(text(vector, name)),
      );
      assert.ok(key && message && signature);
      ensure(isUsableEd25519(key), 'weak_key');
      ensure(verifyEd25519(key, message, signature), 'signature');
    }),

  clock: (vector) =>
    attempt(() => {
      const reason = judgeTimes(number(vector, 'now'), number(vector, 'issued_at'), number(vector, 'expires_at'));
      if (reason !== undefined) {
        throw new Refusal(reason);
      }
    }),

  consent: (vector) =>
    attempt(() => {
      ensure(!isBehind(number(vector, 'now'), number(vector, 'newest_issued_at')), 'clock_behind');
    }),

  arrival: (vector) =>
    attempt(() => {
      const times = ['issued_at', 'expires_at', 'now', 'elapsed'].map((name) => number(vector, name));
      ensure(isInTime(...(times as [number, number, number, number])), 'late');
    }),

  receipt: (vector) => {
    const result = verifyReceipt(utf8(text(vector, 'file')), bytes(vector, 'pair'));
    if (result.ok) {
      assert.equal(result.value.answer.decision, vector.decision);
      assert.equal(result.value.assurance, vector.assurance);
    }
    return result;
  },
};

interface Fixture {
  readonly link: PairingLink;
  readonly offer: PlatformOffer;
  readonly started: DeviceJoin;
  readonly handshake: PlatformHandshake;
  readonly pairing: DevicePairing;
}

const PAIRINGS = new URL('../../../src/test/resources/messages/pairings.json', import.meta.url);

const fixtures = new Map<string, Fixture>();

/** A pairing of pairings.json, by its name. */
function fixture(name: string): Fixture {
  const made = fixtures.get(name) ?? makeFixture(name);
  fixtures.set(name, made);
  return made;
}

function makeFixture(name: string): Fixture {
  const { vectors } = JSON.parse(readFileSync(fileURLToPath(PAIRINGS), 'utf8')) as {
    readonly vectors: readonly Vector[];
  };
  const vector = vectors.find((candidate) => candidate.name === name);
  assert.ok(vector, name);
  const link = linkOf(vector);
  const join = readJoin(plaintext(vector, 'join'));
  const hello = readHello(plaintext(vector, 'hello'));
  const x25519Secret = bytes(vector, 'device_x25519_secret');
  const ed25519Seed = bytes(vector, 'device_ed25519_seed');
  const platformSecret = bytes(vector, 'platform_x25519_secret');
  const keys = derivePairing(link, join, hello, platformSecret, join.x25519);
  assert.equal(hex(transcriptOf(link.relay, link.pairId, join, hello)), hex(keys.transcript));
  return {
    link,
    offer: { secret: link.secret, x25519Secret: platformSecret, hello },
    started: { link, x25519Secret, ed25519Seed, join, payload: '' },
    handshake: { link, join, hello, keys },
    pairing: {
      relay: link.relay,
      pairId: link.pairId,
      join,
      hello,
      questionKey: keys.questionKey,
      answerKey: keys.answerKey,
      ed25519Seed,
      secretHash: '',
      payload: '',
    },
  };
}

function linkOf(vector: Vector): PairingLink {
  const result = parseLink(text(vector, 'link'));
  assert.ok(result.ok);
  return result.value;
}

function text(vector: Vector, name: string): string {
  const value = vector[name];
  assert.ok(typeof value === 'string', name);
  return value;
}

function number(vector: Vector, name: string): number {
  const value = vector[name];
  assert.ok(typeof value === 'number', name);
  return value;
}

function bytes(vector: Vector, name: string): Bytes {
  const value = fromB64(text(vector, name));
  assert.ok(value, name);
  return value;
}

function plaintext(vector: Vector, name: string): Bytes {
  const { json, size } = vector[name] as Plaintext;
  const start = utf8(json);
  return concat(start, new Uint8Array(size - start.length).fill(0x20));
}

function envelope(vector: Vector): Envelope {
  return vector.envelope as Envelope;
}
