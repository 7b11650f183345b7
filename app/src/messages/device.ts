import {
  type Answer,
  challengeOf,
  checkRules,
  type Decision,
  decisionsFor,
  type Jws,
  responseSizes,
  signAnswer,
  writeResponse,
} from './answer.js';
import { type Assertion, verifyAssertion } from './assertion.js';
import { type Bytes, equal, hex } from './bytes.js';
import { type Envelope, ed25519Public, open, type Random, seal, sealPayload, sha256, x25519Public } from './crypto.js';
import type { PairingLink } from './link.js';
import { SIZES } from './padding.js';
import {
  commitmentTo,
  createJoin,
  derivePairing,
  type Hello,
  type Join,
  keysOfSecret,
  type PairingKeys,
  readHello,
  transcriptOf,
} from './pairing.js';
import type { Passkey } from './passkey.js';
import { type ReceivedQuestion, readQuestion } from './question.js';
import { attempt, ensure, type Result } from './refusal.js';
import type { LogEntry } from './state.js';

/** A device that joins. It is kept, with its secrets, until the relay has the confirmation; 600 s at most. */
export interface DeviceJoin {
  readonly link: PairingLink;
  readonly x25519Secret: Bytes;
  readonly ed25519Seed: Bytes;
  readonly join: Join;
  /** For the binding call, with {@link secretHash}. */
  readonly payload: string;
}

/** A device that has the platform's hello, and waits for its person. */
export interface DeviceHandshake {
  readonly started: DeviceJoin;
  readonly requestId: string;
  readonly hello: Hello;
  readonly keys: PairingKeys;
}

/** What a device keeps of a pairing. S and the X25519 key are not in it. */
export interface DevicePairing {
  readonly relay: string;
  readonly pairId: string;
  readonly join: Join;
  readonly hello: Hello;
  readonly questionKey: Bytes;
  readonly answerKey: Bytes;
  readonly ed25519Seed: Bytes;
  readonly secretHash: string;
  readonly payload: string;
}

/** An answer that the device's key has signed, and a passkey may sign beside. */
export interface PreparedAnswer {
  readonly question: ReceivedQuestion;
  readonly jws: Jws;
  readonly challenge: Bytes;
}

/** What the relay is told of the secret. */
export function secretHash(secret: Bytes): string {
  return hex(sha256(secret));
}

export function beginJoin(
  link: PairingLink,
  parts: { readonly name: string; readonly appOrigin?: string; readonly passkeys: readonly Passkey[] },
  random: Random,
): Result<DeviceJoin> {
  return attempt(() => {
    const x25519Secret = random(32);
    const ed25519Seed = random(32);
    const join = createJoin({ ...parts, x25519: x25519Public(x25519Secret), ed25519: ed25519Public(ed25519Seed) });
    const payload = sealPayload(keysOfSecret(link).join, join.plaintext, random);
    return { link, x25519Secret, ed25519Seed, join, payload };
  });
}

/** Opens a request of the pairing as the hello. Until this succeeds no other key is tried on anything. */
export function openHello(started: DeviceJoin, requestId: string, envelope: Envelope): Result<DeviceHandshake> {
  return attempt(() => {
    const { link, join, x25519Secret } = started;
    const plaintext = open(keysOfSecret(link).hello, envelope);
    ensure(equal(commitmentTo(plaintext), link.commitment), 'commitment');
    const hello = readHello(plaintext);
    return { started, requestId, hello, keys: derivePairing(link, join, hello, x25519Secret, hello.x25519) };
  });
}

/**
 * Signs that the person has confirmed. The entry is the first of the pairing's log: store both, then send its response.
 */
export function confirm(
  handshake: DeviceHandshake,
  now: number,
  random: Random,
): { readonly pairing: DevicePairing; readonly entry: LogEntry } {
  const { started, requestId, hello, keys } = handshake;
  const digest = sha256(hello.plaintext);
  const subject = { transcript: keys.transcript, requestId, digest };
  const jws = signAnswer(started.ed25519Seed, subject, { decision: 'paired', decidedAt: now });
  const response = seal(keys.answerKey, writeResponse({ answer: jws.text }, SIZES.response), random);
  return {
    pairing: {
      relay: started.link.relay,
      pairId: started.link.pairId,
      join: started.join,
      hello,
      questionKey: keys.questionKey,
      answerKey: keys.answerKey,
      ed25519Seed: started.ed25519Seed,
      secretHash: secretHash(started.link.secret),
      payload: started.payload,
    },
    entry: { requestId, digest, response, expiresAt: now + 600 },
  };
}

/** Opens a question. Its times are not judged here. */
export function openQuestion(pairing: DevicePairing, requestId: string, envelope: Envelope): Result<ReceivedQuestion> {
  return attempt(() => readQuestion(open(pairing.questionKey, envelope), requestId));
}

/** The decisions that a device may offer. */
export function decisionsOf(question: ReceivedQuestion): readonly Decision[] {
  if (!question.understood) {
    return ['denied'];
  }
  const { intent } = question.question;
  return intent === 'inform' ? ['seen'] : decisionsFor(intent);
}

export function prepareAnswer(
  pairing: DevicePairing,
  question: ReceivedQuestion,
  answer: Answer,
): Result<PreparedAnswer> {
  return attempt(() => {
    ensure(decisionsOf(question).includes(answer.decision), 'wrong_decision');
    if (question.understood) {
      checkRules(question.question, answer);
    } else {
      ensure(answer.choice === undefined, 'answer_choice');
      ensure(answer.values === undefined, 'answer_values');
    }
    const transcript = transcriptOf(pairing.relay, pairing.pairId, pairing.join, pairing.hello);
    const subject = { transcript, requestId: question.requestId, digest: question.digest };
    const jws = signAnswer(pairing.ed25519Seed, subject, answer);
    return { question, jws, challenge: challengeOf(jws) };
  });
}

/** Seals the answer as a log entry. Insert it before it is sent, and send what the log then holds. */
export function sealAnswer(
  pairing: DevicePairing,
  prepared: PreparedAnswer,
  passkey: Assertion | undefined,
  random: Random,
): Result<LogEntry> {
  return attempt(() => {
    const { question, jws } = prepared;
    if (passkey !== undefined) {
      verifyAssertion(passkey, pairing.join, prepared.challenge);
    }
    const intent = question.understood ? question.question.intent : question.members.intent;
    const sizes = responseSizes(typeof intent === 'string' ? intent : undefined);
    const plaintext = writeResponse({ answer: jws.text, ...(passkey === undefined ? {} : { passkey }) }, sizes);
    const response = seal(pairing.answerKey, plaintext, random);
    return { requestId: question.requestId, digest: question.digest, response, expiresAt: question.expiresAt };
  });
}
